"""Kernels of higher order by nested derivatives in JAX, in float64."""

import os

import jax
import jax.numpy as jnp
import numpy as np

from common import THREADS, load, nothing

# XLA takes as many threads as it sees processors.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

jax.config.update("jax_enable_x64", True)

INPUTS = 16


def outputs(theta, x):
    """f at the rows of x: two hidden layers, 1/sqrt(m) behind each."""
    w1, w2, a = theta
    m = a.shape[0]
    h = jnp.tanh(x @ w1.T) / jnp.sqrt(m)
    h = jnp.tanh(h @ w2.T) / jnp.sqrt(m)
    return h @ a


def kernels(request):
    order, n, m = request["sizes"]
    count = m * INPUTS + m * m + m
    flat = 10 * load("v", count).astype(np.float64)
    theta = (
        jnp.asarray(flat[: m * INPUTS].reshape(m, INPUTS)),
        jnp.asarray(flat[m * INPUTS : -m].reshape(m, m)),
        jnp.asarray(flat[-m:]),
    )
    x = jnp.asarray(2.5 * load("a", n * INPUTS).astype(np.float64).reshape(n, INPUTS))

    def slope(t, i):
        return jax.grad(lambda s: outputs(s, x[i][None])[0])(t)

    def tangent(t):
        jac = jax.jacrev(lambda s: outputs(s, x))(t)
        flat = jnp.concatenate([j.reshape(n, -1) for j in jac], axis=1)
        return flat @ flat.T

    def along(f, i):
        """The derivative of f along the gradient at point i, which moves too."""
        return lambda t: jax.jvp(f, (t,), (slope(t, i),))[1]

    third = jax.jit(lambda t, z: along(tangent, z)(t))
    fourth = jax.jit(lambda t, z, u: along(along(tangent, z), u)(t))

    def run():
        if order == 3:
            k = np.stack([np.asarray(third(theta, z)) for z in range(n)], axis=-1)
        else:
            k = np.empty((n, n, n, n))
            for z in range(n):
                for u in range(n):
                    k[:, :, z, u] = np.asarray(fourth(theta, z, u))
        index = tuple(i % n for i in range(order))
        return lambda: [float(np.abs(k).max()), float(np.linalg.norm(k.reshape(-1))), float(k[index])]

    return run, nothing


def works(_):
    return {"kernels": kernels}
