"""Writes the graphs and the golden values of package onnx: python onnx_golden.py onnx/testdata [NAME ...]

Needs torch, torchvision, onnx, onnxscript and scipy. A graph has no numbers in it: its weights are
those of named streams, which the test repeats. All values are computed in float64.
"""
import copy
import json
import os
import sys
import warnings

import numpy as np
import onnx
import torch
import torchvision
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import nn
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import MBConvConfig
from torchvision.models.regnet import BlockParams

from onnx_signals import SIGNALS, Mixed

warnings.filterwarnings("ignore")


def stream(name, count):
    """Uniform numbers of [-1, 1): number k is decided by the name and k (FNV-1a, then SplitMix64)."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) / 2**52 - 1


def tensor(name, shape):
    """The weights of a name: those of a matrix with He's variance, scales and variances about 1."""
    u = stream(name, int(np.prod(shape)))
    if len(shape) > 1:
        u *= (6 / np.prod(shape[1:])) ** 0.5
    else:
        u = 0.2 * u + (1 if name.endswith((".weight", "running_var")) else 0)
    return torch.tensor(u.astype(np.float32).reshape(shape))


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.shortcut = nn.Sequential()
        if stride != 1:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class View(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)


def small_resnet():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        Block(8, 8, 1), Block(8, 16, 2), nn.AdaptiveAvgPool2d(1), View(), nn.Linear(16, 5))


def cnn():
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), nn.Tanh(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3, padding="same"), nn.ELU(),
        nn.AvgPool2d(2, 2, 1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(8 * 9, 12), nn.Sigmoid(), nn.Linear(12, 5, bias=False), nn.LogSoftmax(1))


def resnext():
    def block(inputs, planes, stride):
        shortcut = nn.Sequential(nn.Conv2d(inputs, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes))
        return torchvision.models.resnet.Bottleneck(inputs, planes, stride, shortcut, groups=4, base_width=64)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), block(8, 4, 1), block(16, 6, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 5))


def windows():
    """Convolutions with windows that are dilated or not square, with groups or without, and a mean over such windows."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=2, dilation=2), nn.Tanh(), nn.Conv2d(8, 8, (1, 5), padding=(0, 2), bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Conv2d(8, 6, (3, 1), stride=(2, 1), padding=(1, 0), groups=2), nn.Tanh(), nn.AvgPool2d((2, 3), (1, 2), (0, 1)),
        nn.Conv2d(6, 6, 2, groups=3, dilation=(1, 2)), nn.Tanh(), nn.Flatten(), nn.Linear(24, 5))


def vgg():
    net = torchvision.models.vgg11(num_classes=5)
    net.avgpool = nn.Identity()
    net.classifier = nn.Sequential(nn.Linear(512, 64), nn.ReLU(), nn.Dropout(), nn.Linear(64, 5))
    return net


class Attention(nn.Module):
    """Heads of attention with three dense layers, as in BERT, or with one for all, as in ViT."""
    def __init__(self, width, heads, packed, fused):
        super().__init__()
        self.heads, self.fused = heads, fused
        if packed:
            self.qkv = nn.Linear(width, 3 * width)
        else:
            self.query, self.key, self.value = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.dense = nn.Linear(width, width)

    def forward(self, x):
        batch, steps, width = x.shape
        if hasattr(self, "qkv"):
            q, k, v = self.qkv(x).reshape(batch, steps, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        else:
            q, k, v = (f(x).view(batch, steps, self.heads, width // self.heads).transpose(1, 2) for f in (self.query, self.key, self.value))
        if self.fused:
            y = nn.functional.scaled_dot_product_attention(q, k, v)
        else:
            y = torch.softmax(q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5, -1) @ v
        return self.dense(y.transpose(1, 2).reshape(batch, steps, width))


class Encoder(nn.Module):
    """A layer of a transformer, with layer norm first or last."""
    def __init__(self, width, heads, first, packed, fused):
        super().__init__()
        self.first = first
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, packed, fused)
        self.fc1, self.fc2 = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        def dense(y):
            return self.fc2(nn.functional.gelu(self.fc1(y)))
        if self.first:
            x = x + self.attention(self.norm1(x))
            return x + dense(self.norm2(x))
        x = self.norm1(x + self.attention(x))
        return self.norm2(x + dense(x))


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places, self.norm = nn.Embedding(TOKENS, 12), nn.Embedding(9, 12), nn.LayerNorm(12, eps=1e-12)
        self.layer = nn.ModuleList([Encoder(12, 3, False, False, True), Encoder(12, 2, False, False, False)])
        self.pooler, self.classifier = nn.Linear(12, 12), nn.Linear(12, 5)

    def forward(self, x):
        y = self.norm(self.tokens(x) + self.places(torch.arange(x.shape[1])))
        for layer in self.layer:
            y = layer(y)
        return self.classifier(torch.tanh(self.pooler(y[:, 0])))


class Sines(nn.Module):
    """A transformer whose places are a buffer, of which the lower half is frozen."""
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(TOKENS, 12)
        self.register_buffer("places", torch.zeros(1, 9, 12))
        self.layer = nn.ModuleList([Encoder(12, 3, False, False, False), Encoder(12, 2, True, True, False)])
        self.classifier = nn.Linear(12, 5)
        for part in (self.tokens, self.layer[0]):
            part.requires_grad_(False)

    def forward(self, x):
        y = self.tokens(x) + self.places[:, :x.shape[1]]
        for layer in self.layer:
            y = layer(y)
        return self.classifier(torch.tanh(y.mean(1)))


class Normalised(nn.Module):
    """Images that are normalised by buffers, with a weight and a bias for each channel later that belong to no layer."""
    def __init__(self):
        super().__init__()
        self.register_buffer("centre", torch.zeros(1, 3, 1, 1))
        self.register_buffer("deviation", torch.zeros(1, 3, 1, 1))
        self.conv, self.fc = nn.Conv2d(3, 6, 3), nn.Linear(6, 5)
        self.gain, self.shift, self.offset = (nn.Parameter(torch.zeros(6, 1, 1)) for _ in range(3))

    def forward(self, x):
        y = torch.tanh(self.conv((x - self.centre) / (2 + self.deviation)))
        y = torch.tanh(y * self.gain + self.shift) * torch.tensor([[[0.5]], [[0.6]], [[0.7]], [[0.8]], [[0.9]], [[1.1]]])
        return self.fc((self.offset - torch.relu(y)).mean((2, 3)))


class Slopes(nn.Module):
    """PReLU with one slope and with one for each channel, and parameters of one number."""
    def __init__(self):
        super().__init__()
        self.conv1, self.act1 = nn.Conv2d(3, 6, 3), nn.PReLU()
        self.conv2, self.act2 = nn.Conv2d(6, 6, 3), nn.PReLU(6)
        self.fc1, self.act3, self.fc2 = nn.Linear(6, 7), nn.PReLU(), nn.Linear(7, 5)
        self.gain, self.shift = nn.Parameter(torch.tensor(1.0)), nn.Parameter(torch.zeros(1))

    def forward(self, x):
        y = self.act1(self.conv1(x)) * self.gain
        y = torch.tanh(self.act2(self.conv2(y)) + self.shift).mean((2, 3))
        return self.fc2(self.act3(self.fc1(y)))


class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 12, 4, 4)
        self.pos_embed = nn.Parameter(torch.zeros(1, 4, 12))
        self.blocks = nn.Sequential(Encoder(12, 3, True, True, True), Encoder(12, 2, True, True, False))
        self.norm, self.head = nn.LayerNorm(12), nn.Linear(12, 5)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2) + self.pos_embed
        return self.head(self.norm(self.blocks(x)).mean(1))


class Response(nn.Module):
    """Global response normalization, channels last, as transformers has it, with weights [1, 1, 1, channels], or as timm has it."""
    def __init__(self, channels, last, timm):
        super().__init__()
        shape = channels if timm else (1, 1, 1, channels)
        self.weight, self.bias = nn.Parameter(torch.zeros(shape)), nn.Parameter(torch.zeros(shape))
        self.last, self.timm = last, timm

    def forward(self, x):
        g = x.norm(p=2, dim=(1, 2) if self.last else (2, 3), keepdim=True)
        n = g / (g.mean(dim=-1 if self.last else 1, keepdim=True) + 1e-6)
        if not self.timm:
            return self.weight * (x * n) + self.bias + x
        shape = (1, 1, 1, -1) if self.last else (1, -1, 1, 1)
        return x + torch.addcmul(self.bias.view(shape), self.weight.view(shape), x * n)


class Responding(nn.Module):
    """A block of ConvNeXt V2, whose dense layers read channels last or are convolutions."""
    def __init__(self, channels, last, timm):
        super().__init__()
        self.dwconv, self.norm = nn.Conv2d(channels, channels, 3, padding=1, groups=channels), nn.LayerNorm(channels, eps=1e-6)
        self.pwconv1 = nn.Linear(channels, 2 * channels) if last else nn.Conv2d(channels, 2 * channels, 1)
        self.grn, self.last = Response(2 * channels, last, timm), last
        self.pwconv2 = nn.Linear(2 * channels, channels) if last else nn.Conv2d(2 * channels, channels, 1)

    def forward(self, x):
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        if not self.last:
            y = y.permute(0, 3, 1, 2)
        y = self.pwconv2(self.grn(nn.functional.gelu(self.pwconv1(y))))
        return x + (y.permute(0, 3, 1, 2) if self.last else y)


class Mixer(nn.Module):
    """MLP-Mixer: dense layers over the patches, and then over the channels. The first one reads patches that are no sequence yet."""
    def __init__(self):
        super().__init__()
        def dense(width, hidden):
            return nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
        self.stem, self.first = nn.Conv2d(3, 12, 4, 4), nn.Linear(6, 6)
        self.norm1, self.tokens_mlp = nn.ModuleList(nn.LayerNorm(12) for _ in range(2)), nn.ModuleList(dense(6, 7) for _ in range(2))
        self.norm2, self.channels_mlp = nn.ModuleList(nn.LayerNorm(12) for _ in range(2)), nn.ModuleList(dense(12, 16) for _ in range(2))
        self.norm, self.head = nn.LayerNorm(12), nn.Linear(12, CLASSES)

    def forward(self, x):
        x = self.stem(x).flatten(2)
        x = (x + self.first(x)).transpose(1, 2)
        for norm1, across, norm2, along in zip(self.norm1, self.tokens_mlp, self.norm2, self.channels_mlp):
            x = x + across(norm1(x).transpose(1, 2)).transpose(1, 2)
            x = x + along(norm2(x))
        return self.head(self.norm(x).mean(1))


class Relative(nn.Module):
    """Attention with a bias for each relative position of two patches and each head, from a table of rows as in BEiT and Swin or from one of
    columns as in LeViT."""
    def __init__(self, rows):
        super().__init__()
        self.qkv, self.dense, self.rows = nn.Linear(12, 36), nn.Linear(12, 12), rows
        at = torch.stack(torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")).flatten(1)
        apart = at[:, :, None] - at[:, None, :] + torch.tensor([1, 2])[:, None, None]
        self.register_buffer("index", apart[0] * 5 + apart[1], persistent=False)
        self.relative_position_bias_table = nn.Parameter(torch.zeros((15, 3) if rows else (3, 15)))

    def forward(self, x):
        batch, steps, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, steps, 3, 3, 4).permute(2, 0, 3, 1, 4).unbind(0)
        if self.rows:
            bias = self.relative_position_bias_table[self.index.view(-1)].view(steps, steps, 3).permute(2, 0, 1).unsqueeze(0)
        else:
            bias = self.relative_position_bias_table[:, self.index]
        y = torch.softmax(q @ k.transpose(-1, -2) / 2 + bias, -1) @ v
        return self.dense(y.transpose(1, 2).reshape(batch, steps, width))


class Relatives(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.norm1, self.norm2 = nn.Conv2d(3, 12, 4, 4), nn.LayerNorm(12), nn.LayerNorm(12)
        self.attention1, self.attention2, self.head = Relative(True), Relative(False), nn.Linear(12, CLASSES)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = x + self.attention1(self.norm1(x))
        return self.head((x + self.attention2(self.norm2(x))).mean(1))


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.gamma * x


class Tokens(nn.Module):
    """A transformer on images with two tokens before their parts, whose branches are scaled as those of CaiT and DINOv2 are.
    It is classified by the first token and the mean over the parts."""
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 12, 4, 4)
        self.cls_token, self.dist_token = nn.Parameter(torch.zeros(1, 1, 12)), nn.Parameter(torch.zeros(1, 1, 12))
        self.pos_embed = nn.Parameter(torch.zeros(1, 6, 12))
        self.norm1, self.attention, self.scale1 = nn.LayerNorm(12), Attention(12, 3, True, True), Scale(12)
        self.norm2, self.mlp, self.scale2 = nn.LayerNorm(12), nn.Sequential(nn.Linear(12, 20), nn.GELU(), nn.Linear(20, 12)), Scale(12)
        self.norm, self.head = nn.LayerNorm(12), nn.Linear(24, CLASSES)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), self.dist_token.repeat(x.shape[0], 1, 1), x), 1) + self.pos_embed
        x = x + self.scale1(self.attention(self.norm1(x)))
        x = self.norm(x + self.scale2(self.mlp(self.norm2(x))))
        return self.head(torch.cat((x[:, 0], x[:, 2:].mean(1)), 1))


# How many tokens the networks on tokens know.
TOKENS = 20


class ResetFirst(nn.GRU):
    """A GRU of one layer in both directions that resets h before the product with it, which PyTorch does not have. Its graph is that
    of PyTorch's with another attribute."""
    def forward(self, x):
        if not getattr(self, "exact", False):
            return super().forward(x)
        outputs = []
        for end, order in (("", range(x.shape[1])), ("_reverse", range(x.shape[1] - 1, -1, -1))):
            w, u, b, c = (getattr(self, name + "_l0" + end) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            n, h, states = self.hidden_size, torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype), {}
            for t in order:
                a = x[:, t] @ w.T + b + c
                r, z = torch.sigmoid(a[:, :2 * n] + h @ u[:2 * n].T).chunk(2, 1)
                h = (1 - z) * torch.tanh(a[:, 2 * n:] + (r * h) @ u[2 * n:].T) + z * h
                states[t] = h
            outputs.append(torch.stack([states[t] for t in range(x.shape[1])], 1))
        return torch.cat(outputs, 2), None


class Recurrent(nn.Module):
    """A classifier of sequences by a recurrent network: by its last states, its last step, or the mean or the maximum over
    its steps."""
    def __init__(self, kind, layers, both, batch_first, by, inputs=0, bias=True):
        super().__init__()
        if not inputs:
            self.tokens, inputs = nn.Embedding(TOKENS, 6), 6
        self.rnn = (ResetFirst if kind == "ResetFirst" else getattr(nn, kind))(inputs, 5, layers, batch_first=batch_first, bidirectional=both, bias=bias)
        self.fc, self.by = nn.Linear(10 if both else 5, CLASSES), by

    def forward(self, x):
        if hasattr(self, "tokens"):
            x = self.tokens(x)
        steps = 1 if self.rnn.batch_first else 0
        y, h = self.rnn(x if steps else x.transpose(0, 1))
        if isinstance(h, tuple):
            h = h[0]
        if self.by == "states":
            return self.fc(torch.cat([h[-2], h[-1]], 1) if self.rnn.bidirectional else h[-1])
        if self.by == "last":
            return self.fc(y[:, -1] if steps else y[-1])
        return self.fc(y.mean(steps) if self.by == "mean" else y.max(steps).values)


class Largest(nn.Module):
    """The maximum over all pixels, as exporters write it: of a pooling, and of two axes."""
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 6, 3, 2)
        self.pool, self.fc = nn.AdaptiveMaxPool2d(1), nn.Linear(20, CLASSES)

    def forward(self, x):
        x = torch.tanh(self.conv1(x))
        y = torch.tanh(self.conv2(x))
        return self.fc(torch.cat((self.pool(x).flatten(1), y.amax((2, 3)), y.amax((-1, -2), keepdim=True).flatten(1)), 1))


class Pieces(nn.Module):
    """Functions with several pieces: a bound far from 0, comparisons, choices, maxima."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3, self.fc4 = nn.Linear(48, 12), nn.Linear(12, 10), nn.Linear(10, 8), nn.Linear(8, CLASSES)

    def forward(self, x):
        x = torch.clamp(9 * self.fc1(x.flatten(1)), min=-8) / 9
        x = nn.functional.softplus(self.fc2(x), beta=2)
        x = self.fc3(x)
        x = torch.maximum(x, 0.2 * x) + torch.minimum(torch.tanh(x), torch.tensor(0.3))
        return self.fc4(torch.where(x > 0.5, x * x, 0.5 * x) * (x >= -0.4))


CLASSES = 5

# Networks, with the shape of an example. Those of the second list take minutes, and the test repeats
# them only if it is asked for all.
SMALL = {
    "mlp": (lambda: nn.Sequential(nn.Flatten(), nn.Linear(48, 20), nn.ReLU(), nn.Linear(20, 12), nn.GELU(), nn.Linear(12, 5)), (3, 4, 4)),
    "pieces": (Pieces, (3, 4, 4)),
    "largest": (Largest, (3, 9, 8)),
    "groupnorm": (lambda: nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(4, 8, eps=1e-3), nn.ReLU(), nn.Conv2d(8, 6, 3), nn.InstanceNorm2d(6, affine=True),
                                        nn.Tanh(), nn.Conv2d(6, 6, 3), nn.GroupNorm(1, 6), nn.Flatten(), nn.Linear(24, 12), nn.GroupNorm(3, 12), nn.Linear(12, 5)), (3, 8, 8)),
    "cnn": (cnn, (3, 8, 8)),
    "pools": (lambda: nn.Sequential(nn.Conv2d(3, 6, 3), nn.Tanh(), nn.MaxPool2d(3, 2, ceil_mode=True), nn.AvgPool2d(3, 2, 1, ceil_mode=True),
                                    nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False), nn.Flatten(), nn.Linear(54, 5)), (3, 16, 16)),
    "resnet": (small_resnet, (3, 16, 16)),
    "densenet": (lambda: torchvision.models.DenseNet(4, (2, 2), 8, num_classes=5), (3, 32, 32)),
    "bert": (Bert, (7,)),
    "sines": (Sines, (7,)),
    "slopes": (Slopes, (3, 9, 8)),
    "normalised": (Normalised, (3, 9, 8)),
    "vit": (Vit, (3, 8, 8)),
    "tokens": (Tokens, (3, 8, 8)),
    "convnext": (lambda: torchvision.models.ConvNeXt([CNBlockConfig(8, 12, 1), CNBlockConfig(12, None, 1)], num_classes=CLASSES), (3, 16, 16)),
    "convnextv2": (lambda: nn.Sequential(nn.Conv2d(3, 6, 2, 2), Responding(6, True, False), Responding(6, True, True), Responding(6, False, True),
                                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(6), nn.Linear(6, CLASSES)), (3, 8, 8)),
    "mixer": (Mixer, (3, 8, 12)),
    "relative": (Relatives, (3, 8, 12)),
    "swin": (lambda: torchvision.models.SwinTransformer([2, 2], 8, [2, 1], [2, 4], [4, 4], mlp_ratio=2.0, num_classes=CLASSES), (3, 16, 16)),
    "lstm": (lambda: Recurrent("LSTM", 2, True, True, "states"), (7,)),
    "lstm_mean": (lambda: Recurrent("LSTM", 1, False, False, "mean"), (7,)),
    "lstm_max": (lambda: Recurrent("LSTM", 2, False, True, "max", inputs=3), (6, 3)),
    "lstm_last": (lambda: Recurrent("LSTM", 1, True, False, "last", inputs=3, bias=False), (6, 3)),
    "efficientnet": (lambda: torchvision.models.EfficientNet([MBConvConfig(1, 3, 1, 8, 8, 1), MBConvConfig(4, 5, 2, 8, 16, 2)], 0.2, num_classes=5, last_channel=32), (3, 32, 32)),
    "resnext": (resnext, (3, 8, 8)),
    "regnet": (lambda: torchvision.models.RegNet(BlockParams([1, 1], [8, 16], [4, 8], [1.0, 1.0], [2, 2], 0.25), 5, 8), (3, 16, 16)),
    "shufflenet": (lambda: torchvision.models.ShuffleNetV2([1, 2, 1], [8, 16, 24, 32, 32], 5), (3, 32, 32)),
    "windows": (windows, (3, 8, 8)),
    "gru": (lambda: Recurrent("GRU", 2, True, True, "last"), (7,)),
    "gru_states": (lambda: Recurrent("GRU", 1, False, False, "states", inputs=3), (6, 3)),
    "gru_reset": (lambda: Recurrent("ResetFirst", 1, True, True, "last"), (7,)),
    "mobilenet": (lambda: torchvision.models.MobileNetV2(5, 0.25, [[1, 16, 1, 1], [6, 24, 2, 2]]), (3, 32, 32)),
}
SMALL |= SIGNALS | {"conv_attention": (lambda: Mixed(Attention), (7, 6))}
LARGE = {
    "mobilenet_v2": (lambda: torchvision.models.mobilenet_v2(num_classes=5), (3, 32, 32)),
    "efficientnet_b0": (lambda: torchvision.models.efficientnet_b0(num_classes=5), (3, 32, 32)),
    "resnet18": (lambda: torchvision.models.resnet18(num_classes=5), (3, 32, 32)),
    "vgg11": (vgg, (3, 32, 32)),
    "densenet121": (lambda: torchvision.models.densenet121(num_classes=5), (3, 32, 32)),
}
EXAMPLES, PARTS = 16, 4


def export(net, example, path, dynamo, fixed, folded=False, whole=False, plain=False, unfolded=False):
    """Exports a network as its users do. The file has its numbers only if it is whole, or batch norm is folded
    into convolutions. The newer exporter renames no parameters if its output is plain, not optimised; the older one computes nothing
    of them if its output is unfolded."""
    x = torch.zeros(EXAMPLES if fixed else 2, *example, dtype=torch.long if len(example) == 1 and hasattr(net, "tokens") else torch.float32)
    if dynamo:
        shapes = None if fixed else ({0: torch.export.Dim("batch")},)
        torch.onnx.export(net, (x,), path, dynamo=True, optimize=folded or not (plain or any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules()) or isinstance(net, Recurrent) and not fixed),
                          dynamic_shapes=shapes, external_data=False, verbose=False)
    else:
        axes = None if fixed else {"x": {0: "batch"}}
        mode = torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE
        torch.onnx.export(net, (x,), path, dynamo=False, training=mode, opset_version=13 if fixed and not whole else 17, input_names=["x"], dynamic_axes=axes, do_constant_folding=not unfolded)
    model = onnx.load(path)
    state = net.state_dict()
    for t in model.graph.initializer:
        if t.name in state and state[t.name].is_floating_point() and not folded and not whole:
            onnx.external_data_helper.set_external_data(t, "absent.bin")
            t.data_location = onnx.TensorProto.EXTERNAL
            t.ClearField("raw_data")
    buffers = [v for v in model.graph.value_info if isinstance(net, (Sines, Normalised, Slopes)) and any(p.value in ("BUFFER", "CONSTANT_TENSOR", "PARAMETER") for p in v.metadata_props)]
    for v in buffers:
        v.ClearField("type")
    buffers = copy.deepcopy(buffers)
    for part in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        part.ClearField("doc_string")
        if getattr(part, "op_type", "") in ("LSTM", "GRU"):  # its module names its parameters
            kept = [p for p in part.metadata_props if p.key.endswith("name_scopes")]
            del part.metadata_props[:]
            part.metadata_props.extend(kept)
            for a in part.attribute:
                if a.name == "linear_before_reset" and isinstance(net.rnn, ResetFirst):
                    a.i = 0
        elif hasattr(part, "metadata_props"):
            del part.metadata_props[:]
    del model.graph.value_info[:]
    model.graph.value_info.extend(buffers)
    with open(path, "wb") as f:
        f.write(model.SerializeToString())


def flat(grads):
    return torch.cat([g.reshape(-1) for g in grads])


def golden(net, example):
    net = copy.deepcopy(net).double()
    for m in net.modules():
        if isinstance(m, (nn.Dropout, torchvision.ops.StochasticDepth)):
            m.p = 0.0
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.momentum = 0.0  # the running statistics stay what they are
        if hasattr(m, "fused"):
            m.fused = False  # PyTorch has no second derivative of its fused attention
        if isinstance(m, ResetFirst):
            m.exact = True
        if hasattr(m, "inplace"):
            m.inplace = False
    x = torch.tensor(stream("input", EXAMPLES * int(np.prod(example))).astype(np.float32)).double().reshape(EXAMPLES, *example) * 1.5
    if hasattr(net, "tokens"):
        x = ((x / 1.5 + 1) / 2 * TOKENS).long()
    frozen = [n for n, p in net.named_parameters() if not p.requires_grad] + [n for n, _ in net.named_buffers()] if isinstance(net, (Sines, Normalised)) else []
    names, params = zip(*(np for np in net.named_parameters() if np[1].requires_grad))
    loss_of = nn.functional.cross_entropy
    with torch.no_grad():
        running = net.eval()(x)
        logits = net.train()(x)
    y = torch.arange(logits.numel() // CLASSES).reshape(EXAMPLES, *logits.shape[2:]) * 7 % CLASSES
    if logits.dim() == 3:  # classes stand before the steps
        running, logits = running.transpose(1, 2), logits.transpose(1, 2)
    loss = loss_of(net(x), y)
    gradient = flat(torch.autograd.grad(loss, params, create_graph=True))

    def product(v):
        v = torch.tensor(np.asarray(v, dtype=np.float64).reshape(-1))
        return flat(torch.autograd.grad(gradient, params, grad_outputs=v, retain_graph=True)).detach().numpy()

    v = np.concatenate([stream("v/" + name, p.numel()).astype(np.float32).astype(np.float64) for name, p in zip(names, params)])
    v /= np.linalg.norm(v)
    hv = product(v)
    dim = len(v)
    top = eigsh(LinearOperator((dim, dim), matvec=product, dtype=np.float64), k=1, which="LA", tol=1e-6, ncv=12)[0][0]

    def trace(net, x):
        """Tr K of minibatches. Batch norm over the one pixel of few examples loses digits, which K, a difference, shows."""
        parts = []
        for part in range(PARTS):
            at = slice(part * EXAMPLES // PARTS, (part + 1) * EXAMPLES // PARTS)
            parts.append(flat(torch.autograd.grad(loss_of(net(x[at]), y[at]), [p for p in net.parameters() if p.requires_grad])).double())
        deviations = torch.stack(parts) - torch.stack(parts).mean(0)
        return float((deviations ** 2).sum() / PARTS)

    exact, rounded = trace(net, x), trace(copy.deepcopy(net).float(), x.float() if x.is_floating_point() else x)
    return ({} if abs(rounded / exact - 1) < 1e-3 else {"k_trace_float32": rounded}) | ({"frozen": frozen} if frozen else {}) | {
        "shape": list(example), "parameters": dim, "names": [[n, list(p.shape)] for n, p in zip(names, params)],
        "logits": logits.reshape(-1).tolist(), "running": running.reshape(-1).tolist(), "loss": loss.item(),
        "gradient_norm": gradient.norm().item(), "product_norm": float(np.linalg.norm(hv)), "curvature_along": float(hv @ v),
        "h_max": float(top), "k_trace": exact,
    }


def main(folder, wanted):
    path = os.path.join(folder, "golden.json")
    values = json.load(open(path)) if os.path.exists(path) else {}
    for name, (make, example) in (SMALL | LARGE).items():
        if wanted and name not in wanted:
            continue
        torch.manual_seed(0)
        net = make().eval()
        # Numbers that differ: exporters save tensors of equal numbers once, and leave out a bias of zeros.
        state = {k: tensor(k, v.shape) for k, v in net.state_dict().items() if v.is_floating_point()}
        net.load_state_dict(state, strict=False)
        for dynamo in (False, True):
            for fixed in (False, True):
                if (name in LARGE or name in ("efficientnet", "sines") or name == "swin" and not dynamo) and fixed:
                    continue
                whole = name in ("normalised", "bert", "vit", "tokens", "convnext") or name.startswith(("lstm", "gru", "conv_", "crnn"))
                plain = name in SIGNALS or name in ("tokens", "groupnorm", "sines", "normalised", "slopes", "convnextv2", "mixer", "relative", "swin")
                file = os.path.join(folder, f"{name}-{'dynamo' if dynamo else 'script'}{'-fixed' if fixed else ''}.onnx")
                export(net, example, file, dynamo, fixed, whole=whole, plain=plain, unfolded=name in ("relative", "swin"))
        if name == "resnet":
            export(net, example, os.path.join(folder, "whole.onnx"), False, False, whole=True)
            for dynamo in (False, True):
                export(net, example, os.path.join(folder, f"{name}-folded-{'dynamo' if dynamo else 'script'}.onnx"), dynamo, False, folded=True)
        values[name] = golden(net, example)
        print(name, {k: v for k, v in values[name].items() if not isinstance(v, list)}, file=sys.stderr)
    torch.manual_seed(0)
    export(nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)), (4,), os.path.join(folder, "flat.onnx"), False, False, whole=True)
    values["made_by"] = f"torch {torch.__version__}, torchvision {torchvision.__version__}, onnx {onnx.__version__}"
    text = json.dumps(values, indent=1)
    with open(path, "w") as f:
        f.write(text.replace(",\n   ", ", ").replace("[\n   ", "["))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
