"""The works in plain PyTorch."""

import torch
import torch.nn.functional as F

from common import fingerprint, load, nothing
from torch_models import batch, fill, flat, layer, loss_of, model, split


def gemm(request):
    m, k, n = request["sizes"]
    left, right = torch.from_numpy(load("a", m * k)), torch.from_numpy(load("b", k * n))
    kind = request["variant"]
    a = left.view(k, m).T if kind[0] == "t" else left.view(m, k)
    b = right.view(n, k).T if kind[1] == "t" else right.view(k, n)
    c = torch.empty(m, n)

    def run():
        for _ in range(request["repeat"]):
            torch.mm(a, b, out=c)
        return lambda: fingerprint(c.numpy())

    return run, nothing


def step(request, compiled=False):
    """One step of SGD: loss, gradient, update."""
    layout, (size,) = request["variant"], request["sizes"]
    net, (x, y) = model(request["model"], layout, inplace=True), batch(request["model"], size, layout)
    start = [p.detach().clone() for p in net.parameters()]
    opt = torch.optim.SGD(net.parameters(), lr=0.01)
    compare = loss_of(request["model"])
    evaluate = torch.compile(lambda x, y: compare(net(x), y)) if compiled else lambda x, y: compare(net(x), y)

    def run():
        opt.zero_grad()
        loss = evaluate(x, y)
        loss.backward()
        opt.step()
        return lambda: fingerprint(flat([p.grad.to_dense() for p in net.parameters()]).numpy()) + [float(loss.detach())]

    def reset():
        with torch.no_grad():
            for p, s in zip(net.parameters(), start):
                p.copy_(s)

    return run, reset


def joint(request):
    """One step of SGD of a network that carries another one."""
    layout, (size,) = request["variant"], request["sizes"]
    net, (x, y) = model(request["model"], layout, inplace=True), batch(request["model"], size, layout)
    shared = dict(net.named_parameters())
    start = [p.detach().clone() for p in shared.values()]
    other = (y + 1) % 10
    orders, own, buffers = {}, {}, {k: b.clone() for k, b in net.named_buffers()}
    for name, p in shared.items():
        if p.dim() > 1:
            torch.manual_seed(1)
            orders[name] = torch.randperm(p.numel())
    for name, module in net.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            own[name + ".weight"] = torch.nn.Parameter(torch.ones_like(module.weight))
            own[name + ".bias"] = torch.nn.Parameter(torch.zeros_like(module.bias))
    params = list(shared.values()) + list(own.values())
    opt = torch.optim.SGD(params, lr=0.01)

    def secret():
        read = dict(own)
        for name, order in orders.items():
            p = shared[name]
            flat_p = p.reshape(-1)
            read[name] = (flat_p.index_select(0, order) if "index_select" in layout else flat_p[order]).view(p.shape)
        return read

    def run():
        opt.zero_grad()
        first = F.cross_entropy(net(x), y)
        first.backward()
        second = F.cross_entropy(torch.func.functional_call(net, {**secret(), **buffers}, (x,)), other)
        second.backward()
        opt.step()
        return lambda: fingerprint(flat([p.grad for p in params]).numpy()) + [float(first.detach() + second.detach())]

    def reset():
        with torch.no_grad():
            for p, s in zip(shared.values(), start):
                p.copy_(s)
            for name, p in own.items():
                p.fill_(1 if name.endswith("weight") else 0)

    return run, reset


def conv(request):
    """Forward and backward through one convolution."""
    layout, (h, w, channels, filters, k, stride, size) = request["variant"], request["sizes"]
    net = layer(channels, filters, k, stride)
    net = fill(net, torch.from_numpy(load("v", sum(p.numel() for p in net.parameters()))))
    planes = channels if channels <= 3 else 1
    x = torch.from_numpy(load("a", size * planes * h * w)).view(size, planes, h, w)
    if layout == "channels_last":
        net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    y = torch.from_numpy(load("y", size)).long()
    params = list(net.parameters())

    def run():
        for _ in range(request["repeat"]):
            loss = F.cross_entropy(net(x), y)
            g = torch.autograd.grad(loss, params)
        return lambda: fingerprint(flat(g).numpy()) + [float(loss.detach())]

    return run, nothing


def texts(request):
    """An epoch of SGD on all texts in the given order."""
    variant, (size,) = request["variant"], request["sizes"]
    net, (x, y) = model(request["model"], variant), batch(request["model"], None)
    order = torch.from_numpy(load("order")).long()
    start = [p.detach().clone() for p in net.parameters()]
    opt = torch.optim.SGD(net.parameters(), lr=0.01)

    def run():
        for at in range(0, len(order) - size + 1, size):
            pick = order[at : at + size]
            opt.zero_grad()
            loss = F.cross_entropy(net(x[pick]), y[pick])
            loss.backward()
            opt.step()
        return lambda: [float(loss.detach())]

    def reset():
        with torch.no_grad():
            for p, s in zip(net.parameters(), start):
                p.copy_(s)

    return run, reset


def hvp(request):
    """Double backward with the graph of the gradient kept."""
    layout, (size,) = request["variant"], request["sizes"]
    net, (x, y) = model(request["model"], layout, inplace=True), batch(request["model"], size, layout)
    params = list(net.parameters())
    g = torch.autograd.grad(loss_of(request["model"])(net(x), y), params, create_graph=True)
    v = split(torch.from_numpy(load("v", sum(p.numel() for p in params))), params)

    def run():
        hv = torch.autograd.grad(g, params, grad_outputs=v, retain_graph=True)
        return lambda: fingerprint(flat(hv).numpy())

    return run, nothing


def top(request):
    """ARPACK's Lanczos on double backward with the graph of the gradient kept."""
    import numpy as np
    from scipy.sparse.linalg import LinearOperator, eigsh

    layout, (size,) = request["variant"], request["sizes"]
    net, (x, y) = model(request["model"], layout, inplace=True), batch(request["model"], size, layout)
    params = list(net.parameters())
    dim = sum(p.numel() for p in params)
    start = np.random.RandomState(0).standard_normal(dim).astype(np.float32)

    def run():
        g = torch.autograd.grad(loss_of(request["model"])(net(x), y), params, create_graph=True)

        def product(v):
            v = split(torch.from_numpy(np.ascontiguousarray(v.reshape(-1), dtype=np.float32)), params)
            return flat(torch.autograd.grad(g, params, grad_outputs=v, retain_graph=True)).numpy()

        h = LinearOperator((dim, dim), matvec=product, dtype=np.float32)
        values = eigsh(h, k=1, which="LA", tol=1e-2, ncv=10, v0=start, return_eigenvectors=False)
        return lambda: [float(values[0])]

    return run, nothing


def covariance(request):
    """K of L minibatch gradients of M examples: a loop, then a Gram matrix."""
    layout, (count, size) = request["variant"], request["sizes"]
    net, (x, y) = model(request["model"], layout, inplace=True), batch(request["model"], count * size, layout)
    params = list(net.parameters())

    def run():
        g = torch.stack([flat(torch.autograd.grad(F.cross_entropy(net(x[b : b + size]), y[b : b + size]), params)) for b in range(0, count * size, size)])
        g -= g.mean(0)
        values = torch.linalg.eigvalsh((g @ g.T / count).double())
        return lambda: [float(values[-1]), float(values.sum())]

    return run, nothing


def gram_of(rows):
    """The Gram matrix of per-example gradients, given by tensor; its trace and sum."""
    gram = sum(t.flatten(1) @ t.flatten(1).T for t in rows).double()
    return lambda: [float(gram.trace()), float(gram.sum())]


def gram(request):
    """Per-example gradients by vmap over grad."""
    net, (x, y) = model(request["model"], request["variant"]), batch(request["model"], request["sizes"][0])
    params = {k: p.detach() for k, p in net.named_parameters()}

    def one(params, x, y):
        return F.cross_entropy(torch.func.functional_call(net, params, (x[None],)), y[None])

    per_example = torch.func.vmap(torch.func.grad(one), in_dims=(None, 0, 0))
    return lambda: gram_of(per_example(params, x, y).values()), nothing


def works(peer):
    if peer == "torch.compile":
        return {"step": lambda request: step(request, compiled=True)}
    if peer == "torch.func.vmap":
        return {"gram": gram}
    if peer == "PyTorch Geometric":
        from graph_models import factors

        return {"step": step, "hvp": hvp, "factors": factors}
    return {"gemm": gemm, "step": step, "joint": joint, "texts": texts, "conv": conv, "hvp": hvp, "top": top, "covariance": covariance}
