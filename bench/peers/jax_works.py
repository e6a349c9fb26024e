"""Tangent kernels by neural-tangents on JAX."""

import os
import sys
import types

import jax
import jax.numpy as jnp

from common import THREADS, load, nothing, shapes_simplecnn

# XLA takes as many threads as it sees processors.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

# Its converter to TensorFlow, which is not used and would take memory.
sys.modules["neural_tangents.experimental"] = types.ModuleType("experimental")
import neural_tangents as nt  # noqa: E402


def params():
    """Our weights: convolutions from [O, I, K, K] to HWIO, dense layers to [I, O].

    Our flattened vector is channel, row, column; here it is row, column, channel.
    """
    flat, at, out = load("simplecnn"), 0, []
    for shape in shapes_simplecnn():
        size = 1
        for s in shape:
            size *= s
        w = flat[at : at + size].reshape(shape)
        at += size
        if len(shape) == 4:
            w = w.transpose(2, 3, 1, 0)
        elif shape == (128, 4096):
            w = w.reshape(128, 64, 8, 8).transpose(2, 3, 1, 0).reshape(4096, 128)
        elif len(shape) == 2:
            w = w.T
        out.append(jnp.asarray(w))
    return out


def network(w, x):
    def conv(h, k):
        y = jax.lax.conv_general_dilated(h, w[k], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return jax.nn.relu(y + w[k + 1])

    def pool(h):
        return jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    h = pool(conv(conv(x, 0), 2))
    h = pool(conv(conv(h, 4), 6))
    h = jax.nn.relu(h.reshape(h.shape[0], -1) @ w[8] + w[9])
    return h @ w[10] + w[11]


def ntk(request):
    """All outputs of all examples, no trace: (n·classes)²."""
    x = jnp.asarray(load("x", request["sizes"][0]).transpose(0, 2, 3, 1))
    w = params()
    how = nt.NtkImplementation[request["variant"]]
    kernel = jax.jit(nt.empirical_ntk_fn(network, trace_axes=(), vmap_axes=0, implementation=how))

    def run():
        theta = kernel(x, None, w).block_until_ready()
        return lambda: [float(jnp.einsum("iijj->", theta)), float(jnp.linalg.norm(theta.reshape(-1)))]

    return run, nothing


def works(_):
    import jax_infinite  # which imports this file

    return {"ntk": ntk, "infinite": jax_infinite.infinite}
