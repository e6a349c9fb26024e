"""The networks in PyTorch, with our weights. ReLU works in place where it may."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from common import THREADS, load

torch.set_num_threads(THREADS)


def simplecnn(inplace=False):
    def conv(i, o):
        return [nn.Conv2d(i, o, 3, padding=1), nn.ReLU(inplace)]

    return nn.Sequential(
        *conv(3, 32), *conv(32, 32), nn.MaxPool2d(2),
        *conv(32, 64), *conv(64, 64), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4096, 128), nn.ReLU(inplace), nn.Linear(128, 10),
    )  # fmt: skip


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.stride, self.pad = stride, filters - channels

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True)))
        if self.stride > 1:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.pad))
        return F.relu(x + y, inplace=True)


class Mean(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def resnet32():
    layers, channels = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(True)], 16
    for stage in range(3):
        for block in range(5):
            layers.append(Block(channels, 16 << stage, 2 if stage and not block else 1))
            channels = 16 << stage
    return nn.Sequential(*layers, Mean(), nn.Linear(64, 10))


def layer(channels, filters, k, stride):
    """One convolution, padded, with an input that has a gradient: see compare's layer."""
    lead = [nn.Conv2d(1, channels, 1)] if channels > 3 else []
    return nn.Sequential(*lead, nn.Conv2d(channels, filters, k, stride, k // 2), Mean(), nn.Linear(filters, 10))


class LSTM(nn.Module):
    """Our lstm. The variant says how its sequences lie, and how the embedding's gradient does."""

    def __init__(self, variant="", both=False):
        super().__init__()
        self.both = both
        self.emb = nn.Embedding(20000, 128, sparse="sparse" in variant)
        self.first, self.packed = "texts first" in variant, "packed" in variant
        self.lstm = nn.LSTM(128, 128, batch_first=self.first, bidirectional=both)
        self.fc = nn.Linear(256 if both else 128, 2)

    def forward(self, x):
        x = self.emb(x if self.first else x.T)
        if self.packed:
            x = nn.utils.rnn.pack_padded_sequence(x, torch.full((x.shape[1],), x.shape[0]))
        h = self.lstm(x)[1][0]
        return self.fc(torch.cat((h[-2], h[-1]), 1) if self.both else h[-1])


def fill(net, weights):
    """Copies a flat vector into the parameters."""
    at = 0
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(weights[at : at + p.numel()].view_as(p))
            at += p.numel()
    return net


def densenet121():
    from torchvision.models import densenet121 as network

    return network(num_classes=1000)


TEXTS = "lstm", "lstm-both"
GRAPHS = "cora", "graph"
FLIGHTS = "deeptp", "deeptp-fair"
EXPORTED = "resnet18", "resnet18-stem"


def model(name, layout="", inplace=False):
    if name in GRAPHS:
        from graph_models import GCN

        return fill(GCN(name, layout), torch.from_numpy(load(name)))
    if name in FLIGHTS:
        from flight_models import DeepTP

        net = fill(DeepTP(name, layout), torch.from_numpy(load(name)))
        return net.to(memory_format=torch.channels_last) if "channels_last" in layout else net
    if name == "bert":
        from bert_models import BERT

        return fill(BERT(layout), torch.from_numpy(load(name)))
    if name in TEXTS:
        torch.backends.mkldnn.set_flags("oneDNN" in layout)
        return fill(LSTM(layout, name == "lstm-both"), torch.from_numpy(load(name)))
    if name == "gpt":
        from exported_models import GPT

        return fill(GPT(layout), torch.from_numpy(load(name)))
    if name in EXPORTED:
        from exported_models import resnet18

        net = fill(resnet18(name), torch.from_numpy(load(name)))
        return net.to(memory_format=torch.channels_last) if "channels_last" in layout else net
    makers = {"resnet32": resnet32, "densenet121": densenet121}
    net = fill(makers[name]() if name in makers else simplecnn(inplace), torch.from_numpy(load(name)))
    return net.to(memory_format=torch.channels_last) if "channels_last" in layout else net


def batch(name, count, layout=""):
    """The first examples for a model, and their targets."""
    if name in GRAPHS:
        from graph_models import graph_batch

        return graph_batch(name)
    if name in FLIGHTS:
        from flight_models import flights

        return flights(name, count, layout)
    if name == "bert":
        from bert_models import pairs

        return pairs(count)
    if name == "gpt":
        return torch.from_numpy(load("characters", count)).long(), torch.from_numpy(load("following", count)).long()
    if name in TEXTS:
        return torch.from_numpy(load("tokens", count)).long(), torch.from_numpy(load("classes", count)).long()
    if name == "densenet121":
        x = torch.from_numpy(load("photos", count * 3 * 224 * 224)).view(count, 3, 224, 224)
    else:
        x = torch.from_numpy(load("x", count))
    y = torch.from_numpy(load("y", count)).long()
    if name in EXPORTED:
        y %= 5
    return (x.to(memory_format=torch.channels_last) if "channels_last" in layout else x), y


def loss_of(name):
    """The loss of a model, a function of outputs and targets."""
    if name in FLIGHTS:
        from flight_models import mixture_density

        return mixture_density
    return F.cross_entropy


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


def split(vector, params):
    """A flat vector in the shapes of the parameters."""
    parts, at = [], 0
    for p in params:
        parts.append(vector[at : at + p.numel()].view_as(p))
        at += p.numel()
    return parts
