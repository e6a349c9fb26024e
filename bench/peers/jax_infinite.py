"""Kernels at infinite width by neural-tangents, in float64."""

import jax
import numpy as np

from common import load, nothing
from jax_works import nt

stax = nt.stax


def networks():
    """ReLU, variances 2 of weights and 0.01 of biases."""
    weights = dict(W_std=2**0.5, b_std=0.1)

    def convolutions(end):
        layers = []
        for _ in range(5):
            layers += [stax.Conv(1, (3, 3), padding="SAME", **weights), stax.Relu()]
        return stax.serial(*layers, end, stax.Dense(1, **weights))

    dense = [stax.Dense(1, **weights), stax.Relu()] * 10
    return {
        "dense": stax.serial(*dense, stax.Dense(1, **weights)),
        "flatten": convolutions(stax.Flatten()),
        "pooling": convolutions(stax.GlobalAvgPool()),
    }


def infinite(request):
    """Both kernels of images; variant "batch 4": so many at a time, as pooling needs."""
    jax.config.update("jax_enable_x64", True)
    model, (n,) = request["model"], request["sizes"]
    x = load("x", n).astype(np.float64)
    x = x.reshape(n, -1) if model == "dense" else x.transpose(0, 2, 3, 1)
    kernel = jax.jit(networks()[model][2], static_argnames="get")
    step = int(request["variant"].split()[1]) if request["variant"] else n

    def run():
        nngp, theta = np.empty((n, n)), np.empty((n, n))
        for i in range(0, n, step):
            for j in range(0, n, step):
                k = kernel(x[i : i + step], x[j : j + step], get=("nngp", "ntk"))
                nngp[i : i + step, j : j + step] = k.nngp
                theta[i : i + step, j : j + step] = k.ntk
        return lambda: [f(k) for k in (nngp, theta) for f in (lambda m: float(np.trace(m)), lambda m: float(np.linalg.norm(m)))]

    return run, nothing
