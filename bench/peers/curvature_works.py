"""The works in the curvature libraries on PyTorch."""

import torch
import torch.nn as nn

from common import nothing
from torch_models import LSTM, batch, model
from torch_works import gram_of


def modules(net):
    """The LSTM as the chain of modules that BackPACK can extend; other networks as they are."""
    if not isinstance(net, LSTM):
        return net
    from backpack.custom_module.reduce_tuple import ReduceTuple
    from backpack.custom_module.slicing import Slicing

    return nn.Sequential(net.emb, net.lstm, ReduceTuple(index=0), Slicing((slice(None), -1)), net.fc)


def gram(request):
    """Per-example gradients by BackPACK's BatchGrad."""
    from backpack import backpack, extend
    from backpack.extensions import BatchGrad

    net, (x, y) = extend(modules(model(request["model"], "texts first"))), batch(request["model"], request["sizes"][0])
    loss_of = extend(nn.CrossEntropyLoss(reduction="sum"))

    def run():
        net.zero_grad()
        with backpack(BatchGrad()):
            loss_of(net(x), y).backward()
        numbers = gram_of([p.grad_batch for p in net.parameters()])
        for p in net.parameters():
            del p.grad_batch
        return numbers

    return run, nothing


def top_pyhessian(request):
    """Power iteration, until an estimate changes by less than the tolerance."""
    from pyhessian import hessian

    (count,), variant = request["sizes"], request["variant"].split()
    net, (x, y) = model(request["model"]), batch(request["model"], count)
    torch.manual_seed(0)
    size = int(variant[1])
    data = {"data": (x, y)} if size == 0 else {"dataloader": list(zip(x.split(size), y.split(size)))}

    def run():
        h = hessian(net, nn.CrossEntropyLoss(), cuda=False, **data)
        values, _ = h.eigenvalues(maxIter=1000, tol=float(variant[3]))
        return lambda: [float(values[0])]

    return run, nothing


def top_curvlinops(request):
    """ARPACK's Lanczos on curvlinops' Hessian."""
    import numpy as np
    from curvlinops import HessianLinearOperator
    from scipy.sparse.linalg import eigsh

    (count,), variant = request["sizes"], request["variant"].split()
    net, (x, y) = model(request["model"]), batch(request["model"], count)
    size, basis = int(variant[1]), int(variant[3])
    data = list(zip(x.split(size), y.split(size)))

    def run():
        h = HessianLinearOperator(net, nn.CrossEntropyLoss(), list(net.parameters()), data, check_deterministic=False)
        start = np.random.RandomState(0).standard_normal(h.shape[0]).astype(np.float32)
        values = eigsh(h.to_scipy(), k=1, which="LA", tol=1e-2, ncv=basis, v0=start, return_eigenvectors=False)
        return lambda: [float(values[0])]

    return run, nothing


def works(peer):
    return {
        "BackPACK": {"gram": gram},
        "PyHessian": {"top": top_pyhessian},
        "curvlinops": {"top": top_curvlinops},
    }[peer]
