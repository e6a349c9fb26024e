"""Writes peer.json: kernels and predictions of neural-tangents 0.6.5.

Run it with the environment of bench/peers/requirements-jax.txt. The networks and
the inputs are those of peer_test.go.
"""

import json
import sys
import types
import warnings

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
warnings.simplefilter("ignore")
# Its converter to TensorFlow, which is not used.
sys.modules["neural_tangents.experimental"] = types.ModuleType("experimental")
import neural_tangents as nt  # noqa: E402
from neural_tangents import stax  # noqa: E402
from neural_tangents.stax import AvgPool, Flatten, GlobalAvgPool, LayerNorm, Relu, serial  # noqa: E402


def inputs(count, c, h=1, w=1, shift=0.0):
    """Examples channel by channel, turned to channels last; vectors stay vectors."""
    i = np.arange(count * c * h * w, dtype=np.float64)
    x = np.sin(1 + 0.7 * i + 0.001 * i * i + shift).reshape(count, c, h, w)
    return x.reshape(count, c) if h * w == 1 else x.transpose(0, 2, 3, 1)


def conv(h, w, pad, strides=(1, 1), **more):
    return stax.Conv(7, (h, w), strides=strides, padding=pad, W_std=1.4, b_std=0.3, **more)


def dense(n=8, **more):
    return stax.Dense(n, 1.3, 0.2, **more)


def total(*branches):
    return serial(stax.FanOut(len(branches)), stax.parallel(*branches), stax.FanInSum())


standard = dict(parameterization="standard")
activations = {
    "relu": Relu(), "leaky": stax.LeakyRelu(0.2), "abrelu": stax.ABRelu(-0.3, 1.2), "abs": stax.Abs(),
    "erf": stax.Erf(), "affine erf": stax.Erf(0.5, 2.0, 0.3), "gelu": stax.Gelu(), "sin": stax.Sin(1.1, 0.9, 0.3),
    "cos": stax.Cos(1.1, 0.9, 0.3), "rbf": stax.Rbf(0.7), "exp": stax.Exp(1.0, 0.3),
    "gaussian": stax.Gaussian(1.2, -0.6), "monomial": stax.Monomial(3), "polynomial": stax.Polynomial([0.1, 1.0, 0.3, 0.05]),
    "sign": stax.Sign(), "identity": stax.Identity(),
}  # rectified monomials are NaN on the diagonal
identity = total(serial(Relu(), conv(3, 3, "SAME"), Relu(), conv(3, 3, "SAME")), stax.Identity())
halving = total(serial(Relu(), conv(3, 3, "SAME", (2, 2)), Relu(), conv(3, 3, "SAME")), conv(3, 3, "SAME", (2, 2)))
networks = {name: ((5, 1, 1), serial(dense(), a, dense(), a, dense())) for name, a in activations.items()}
networks |= {
    "flatten": ((2, 5, 4), serial(conv(3, 3, "SAME"), Relu(), conv(2, 3, "VALID"), Relu(), Flatten(), dense())),
    "global": ((2, 5, 4), serial(conv(3, 3, "SAME"), Relu(), conv(2, 3, "VALID"), Relu(), GlobalAvgPool(), dense())),
    "strides": ((2, 7, 6), serial(conv(3, 3, "SAME", (2, 2)), Relu(), conv(2, 3, "SAME", (1, 2)), stax.Erf(), GlobalAvgPool(), dense())),
    "circular": ((2, 6, 6), serial(conv(3, 3, "CIRCULAR"), Relu(), conv(2, 3, "CIRCULAR", (2, 1)), Relu(), GlobalAvgPool(), dense())),
    "avgpool": ((2, 8, 7), serial(conv(3, 3, "SAME"), Relu(), AvgPool((2, 2), (2, 2)), conv(3, 3, "SAME"), Relu(),
                                  AvgPool((3, 2), (1, 2), "SAME"), Flatten(), dense())),
    "inside": ((2, 8, 7), serial(conv(3, 3, "SAME"), Relu(), AvgPool((3, 3), (2, 2), "SAME", normalize_edges=True),
                                 conv(3, 3, "SAME"), Relu(), GlobalAvgPool(), dense())),
    "sumpool": ((2, 8, 7), serial(conv(3, 3, "SAME"), Relu(), stax.SumPool((2, 2), (2, 1)), conv(3, 3, "SAME"), Relu(),
                                  stax.GlobalSumPool(), dense())),
    "resnet": ((2, 8, 8), serial(conv(3, 3, "SAME"), identity, halving, identity, Relu(), AvgPool((2, 2), (2, 2)), Flatten(), dense())),
    "layer norm": ((2, 4, 4), serial(conv(3, 3, "SAME"), LayerNorm(-1, 1e-3), Relu(), conv(3, 3, "SAME"),
                                     LayerNorm((1, 2, 3), 1e-2), Relu(), GlobalAvgPool(), dense())),
    "standard": ((2, 5, 5), serial(conv(3, 3, "SAME", **standard), Relu(), conv(2, 2, "VALID", **standard), Relu(), Flatten(),
                                   dense(**standard), Relu(), dense(1, **standard))),
}

kernels = {}
for name, (shape, (_, _, kernel)) in networks.items():
    x, y = inputs(3, *shape), inputs(2, *shape, shift=0.5)
    kernels[name] = {
        f"{which}_{get}": np.asarray(kernel(x, other, get)).tolist()
        for get in ("nngp", "ntk") for which, other in (("symmetric", None), ("cross", y))
    }

# Training on six examples of two targets, at some times, and for ever.
_, _, kernel = networks["erf"][1]
x, y, test = inputs(6, 5), inputs(6, 2, shift=2.0), inputs(3, 5, shift=0.5)
predict = nt.predict.gradient_descent_mse_ensemble(kernel, x, y, learning_rate=0.7)
predictions = {
    f"{get} {t}": [np.asarray(v).tolist() for v in predict(t=None if t == "forever" else t, x_test=test, get=get, compute_cov=True)]
    for get in ("ntk", "nngp") for t in (0.0, 3.0, 100.0, "forever")
}
rate = float(nt.predict.max_learning_rate(kernel(x, None, "ntk"), y_train_size=y.size, eps=0))
with open("peer.json", "w") as f:
    json.dump({"kernels": kernels, "predictions": predictions, "max_learning_rate": rate}, f, separators=(",", ":"))
    f.write("\n")
