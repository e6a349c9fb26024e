"""The networks of the race of exported ones, with our weights: python exported_models.py bench/compare/testdata writes their graphs."""

import os
import sys
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

TOKENS, STEPS, WIDTH, HEADS, LAYERS = 65, 64, 128, 4, 4


class Attention(nn.Module):
    def __init__(self, fused):
        super().__init__()
        self.fused = fused  # of which PyTorch has no second derivative
        self.c_attn, self.c_proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.register_buffer("past", torch.tril(torch.ones(STEPS, STEPS, dtype=torch.bool)), persistent=False)

    def forward(self, x):
        batch = x.shape[0]
        q, k, v = (y.view(batch, STEPS, HEADS, WIDTH // HEADS).transpose(1, 2) for y in self.c_attn(x).split(WIDTH, dim=2))
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(-2, -1) * (WIDTH // HEADS) ** -0.5
            y = F.softmax(scores.masked_fill(~self.past, float("-inf")), dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).reshape(batch, STEPS, WIDTH))


class Block(nn.Module):
    def __init__(self, fused):
        super().__init__()
        self.ln_1, self.attn, self.ln_2 = nn.LayerNorm(WIDTH), Attention(fused), nn.LayerNorm(WIDTH)
        self.c_fc, self.c_proj = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x))))


class GPT(nn.Module):
    """A GPT of nanoGPT's size for CPUs, which reads characters. For a loss of PyTorch its outputs are [batch, classes, steps]."""

    def __init__(self, variant="", for_loss=True):
        super().__init__()
        self.for_loss = for_loss
        self.wte, self.wpe = nn.Embedding(TOKENS, WIDTH), nn.Embedding(STEPS, WIDTH)
        self.h = nn.ModuleList(Block("fused" in variant) for _ in range(LAYERS))
        self.ln_f, self.lm_head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, TOKENS, bias=False)
        self.register_buffer("places", torch.arange(STEPS), persistent=False)

    def forward(self, x):
        y = self.wte(x) + self.wpe(self.places)
        for block in self.h:
            y = block(y)
        z = self.lm_head(self.ln_f(y))
        return z.transpose(1, 2) if self.for_loss else z


def resnet18(name, statistics=False):
    """torchvision's; with -stem, that of images of 32×32: its first convolution has 3×3 taps and stride 1, and no pooling follows."""
    from torchvision.models import resnet18

    # PyHessian measures in evaluation mode, and curvlinops cannot have statistics that change.
    net = resnet18(num_classes=5, norm_layer=partial(nn.BatchNorm2d, track_running_stats=statistics))
    if name.endswith("stem"):
        net.conv1, net.maxpool = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.Identity()
    return net


def main(folder):
    from onnx_golden import export

    export(resnet18("stem", True).eval(), (3, 32, 32), os.path.join(folder, "resnet18-stem.onnx"), True, False)
    gpt = GPT("fused", for_loss=False).eval()
    gpt.tokens = True  # which the exporter's example reads
    export(gpt, (STEPS,), os.path.join(folder, "gpt.onnx"), True, False, plain=True)


if __name__ == "__main__":
    main(sys.argv[1])
