"""The peers of the comparison: PyTorch and the curvature libraries on it.

The driver (bench/compare) starts one of these, sends the name of a work on a
line, and reads one line of JSON: the seconds that the work took, and numbers
made by it, which the driver holds against ours. Inputs stand in the folder
given as the argument: x.npy, y.npy and one weights file per model.
"""

import json
import resource
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DIR = sys.argv[1]
torch.set_num_threads(int(sys.argv[2]))


def load(name):
    return torch.from_numpy(np.load(f"{DIR}/{name}.npy"))


class SimpleCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 32, 3, padding=1), nn.Conv2d(32, 32, 3, padding=1)
        self.conv3, self.conv4 = nn.Conv2d(32, 64, 3, padding=1), nn.Conv2d(64, 64, 3, padding=1)
        self.fc1, self.fc2 = nn.Linear(4096, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = F.max_pool2d(F.relu(self.conv4(F.relu(self.conv3(x)))), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.stride, self.pad = stride, filters - channels

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride > 1:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.pad))
        return F.relu(x + y)


class ResNet32(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        channels = 16
        for stage in range(3):
            blocks = []
            for block in range(5):
                blocks.append(Block(channels, 16 << stage, 2 if stage and not block else 1))
                channels = 16 << stage
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


def model(name, channels_last=False):
    net = {"simplecnn": SimpleCNN, "resnet32": ResNet32}[name]()
    flat, at = load(name), 0
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(flat[at : at + p.numel()].view_as(p))
            at += p.numel()
    if channels_last:
        net = net.to(memory_format=torch.channels_last)
    return net


X, Y = load("x"), load("y").long()
LAST = {"on": X.to(memory_format=torch.channels_last), "off": X}


def flat(ts):
    return torch.cat([t.reshape(-1) for t in ts])


def step(name, layout):
    net = model(name, layout == "on")
    start = [p.detach().clone() for p in net.parameters()]
    opt = torch.optim.SGD(net.parameters(), lr=0.01)
    x, y = LAST[layout][:128], Y[:128]

    def work():
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        norm = float(flat([p.grad for p in net.parameters()]).norm())
        opt.step()
        return [float(loss.detach()), norm]

    def reset():
        with torch.no_grad():
            for p, s in zip(net.parameters(), start):
                p.copy_(s)

    return work, reset


def hvp(layout):
    net = model("simplecnn", layout == "on")
    ps = list(net.parameters())
    x, y = LAST[layout][:128], Y[:128]
    g = torch.autograd.grad(F.cross_entropy(net(x), y), ps, create_graph=True)
    v, parts, at = load("v"), [], 0
    for p in ps:
        parts.append(v[at : at + p.numel()].view_as(p))
        at += p.numel()

    def work():
        hv = flat(torch.autograd.grad(g, ps, grad_outputs=parts, retain_graph=True))
        return [float(hv.norm())]

    return work, lambda: None


def gradients(net, n, size):
    ps = list(net.parameters())
    rows = []
    for i in range(n):
        b = slice(i * size, (i + 1) * size)
        rows.append(flat(torch.autograd.grad(F.cross_entropy(net(X[b]), Y[b]), ps)))
    return torch.stack(rows)


def covariance(layout):
    net = model("simplecnn")

    def work():
        g = gradients(net, 25, 128)
        g -= g.mean(0)
        values = torch.linalg.eigvalsh((g @ g.T / len(g)).double())
        return [float(values[-1]), float(values.sum())]

    return work, lambda: None


def examples(layout):
    net = model("simplecnn")
    params = {k: p.detach() for k, p in net.named_parameters()}

    def one(params, x, y):
        return F.cross_entropy(torch.func.functional_call(net, params, (x[None],)), y[None])

    per_example = torch.func.vmap(torch.func.grad(one), in_dims=(None, 0, 0))

    def work():
        g = per_example(params, X[:256], Y[:256])
        gram = sum(t.reshape(256, -1) @ t.reshape(256, -1).T for t in g.values())
        return [float(gram.trace()), float(gram.sum())]

    return work, lambda: None


def top_hessian(layout):
    from pyhessian import hessian

    net = model("simplecnn")
    size = 2250

    def work():
        batches = [(X[i : min(i + 250, size)], Y[i : min(i + 250, size)]) for i in range(0, size, 250)]
        values, _ = hessian(net, nn.CrossEntropyLoss(), dataloader=batches, cuda=False).eigenvalues(maxIter=100, tol=1e-2)
        return [float(values[0])]

    return work, lambda: None


def gemm(n):
    a, b = load("a")[: n * n].view(n, n), load("b")[: n * n].view(n, n)
    repeat = max(1, (1024 // n) ** 3)

    def work():
        for _ in range(repeat):
            c = a @ b
        return [float(c.norm())]

    return work, lambda: None


WORKS = {
    "step simplecnn": lambda l: step("simplecnn", l),
    "step resnet32": lambda l: step("resnet32", l),
    "hessian-vector product": hvp,
    "covariance K": covariance,
    "per-example Gram": examples,
    "top Hessian eigenvalue": top_hessian,
}
for size in (256, 512, 1024, 2048):
    WORKS[f"sgemm {size}"] = lambda l, size=size: gemm(size)

prepared = {}
for line in sys.stdin:
    name, layout = line.rstrip("\n").rsplit("/", 1)
    try:
        if line not in prepared:
            prepared.clear()
            prepared[line] = WORKS[name](layout)
        work, reset = prepared[line]
        reset()
        begin = time.perf_counter()
        numbers = work()
        seconds = time.perf_counter() - begin
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "numbers": numbers, "rss": rss}), flush=True)
    except Exception as e:  # the driver reports what a peer cannot do
        print(json.dumps({"error": f"{type(e).__name__}: {e}"}), flush=True)
