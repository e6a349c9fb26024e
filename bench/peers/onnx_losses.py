"""Writes graphs that compute their own loss, and what PyTorch has for them: python onnx_losses.py onnx/testdata/losses

Needs torch, onnx and onnxscript. Loss, gradient and the product of H with a vector are computed in float64; the gradient and
the product are those of all parameters one after the other.
"""
import glob
import json
import os
import sys
import warnings

import onnx
import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
EXAMPLES, INPUTS, OUTPUTS, STEPS = 12, 4, 3, 6
WEIGHTS, POSITIVE = torch.tensor([1.0, 2.5, 0.5]), torch.tensor([3.0, 0.5, 1.5])


class Net(nn.Module):
    """Two layers, on vectors or on the steps of sequences, and a loss."""
    def __init__(self, loss, outputs):
        super().__init__()
        self.fc1, self.fc2, self.loss = nn.Linear(INPUTS, 5), nn.Linear(5, outputs), loss

    def forward(self, x, y):
        z = self.fc2(torch.tanh(self.fc1(x)))
        return z, self.loss(z, y)


def picked(z, y):
    return -F.log_softmax(z, -1).gather(1, y.unsqueeze(1)).mean()


LOSSES = {  # name: loss, kind of targets, outputs
    "entropy": (F.cross_entropy, "labels", OUTPUTS),
    "each": (lambda z, y: F.cross_entropy(z, y, reduction="none"), "labels", OUTPUTS),
    "twice": (lambda z, y: 2 * F.cross_entropy(z, y), "labels", OUTPUTS),
    "likelihood": (lambda z, y: F.nll_loss(F.log_softmax(z, 1), y), "labels", OUTPUTS),
    "shares": (lambda z, y: -(y * F.log_softmax(z, 1)).sum(1).mean(), "shares", OUTPUTS),
    "squares": (F.mse_loss, "reals", OUTPUTS),
    "sums": (lambda z, y: 0.5 * ((z - y) ** 2).sum(1).mean(), "reals", OUTPUTS),
    "single": (lambda z, y: F.mse_loss(z.squeeze(1), y), "real", 1),
    "answers": (F.binary_cross_entropy_with_logits, "answers", OUTPUTS),
    "probabilities": (lambda z, y: F.binary_cross_entropy(torch.sigmoid(z), y), "answers", OUTPUTS),
    "huber": (lambda z, y: F.smooth_l1_loss(z, y), "reals", OUTPUTS),
    "class_weights": (lambda z, y: F.cross_entropy(z, y, WEIGHTS.to(z)), "labels", OUTPUTS),
    "class_weights_each": (lambda z, y: F.cross_entropy(z, y, WEIGHTS.to(z), reduction="none"), "labels", OUTPUTS),
    "class_weights_likelihood": (lambda z, y: F.nll_loss(F.log_softmax(z, 1), y, WEIGHTS.to(z), ignore_index=0), "labels", OUTPUTS),
    "positive": (lambda z, y: F.binary_cross_entropy_with_logits(z, y, pos_weight=POSITIVE.to(z)), "answers", OUTPUTS),
    "answer_weights": (lambda z, y: F.binary_cross_entropy_with_logits(z, y, WEIGHTS.to(z)), "answers", OUTPUTS),
    "both_weights": (lambda z, y: F.binary_cross_entropy_with_logits(z, y, WEIGHTS.to(z), pos_weight=POSITIVE.to(z)), "answers", OUTPUTS),
    "steps": (lambda z, y: F.cross_entropy(z.transpose(1, 2), y, WEIGHTS.to(z)), "labels of steps", OUTPUTS),
    "steps_flat": (lambda z, y: F.cross_entropy(z.reshape(-1, OUTPUTS), y.reshape(-1), ignore_index=1), "labels of steps", OUTPUTS),
    "steps_each": (lambda z, y: F.cross_entropy(z.transpose(1, 2), y, reduction="none"), "labels of steps", OUTPUTS),
    "steps_likelihood": (lambda z, y: F.nll_loss(F.log_softmax(z.transpose(1, 2), 1), y, ignore_index=-1), "padded labels of steps", OUTPUTS),
    "poisson": (lambda z, y: (z.exp() - y * z).mean(), "reals", OUTPUTS),
}
# Exporters lack these, or write them with operators that are not read.
LACKING = {("probabilities", "script"), ("huber", "script"), ("steps_likelihood", "dynamo")}


def targets(kind, generator):
    real = torch.randn(EXAMPLES, OUTPUTS, generator=generator)
    if kind.endswith("labels of steps"):
        y = torch.randint(0, OUTPUTS, (EXAMPLES, STEPS), generator=generator)
        if kind.startswith("padded"):
            y[3:, 4:] = -1
        return y
    return {"labels": torch.randint(0, OUTPUTS, (EXAMPLES,), generator=generator), "shares": torch.softmax(real, 1), "reals": real,
            "real": real[:, 0], "answers": (real > 0).float()}[kind]


def golden(net, x, y):
    net = net.double()
    params = list(net.parameters())
    loss = net(x.double(), y.double() if y.is_floating_point() else y)[1].mean()
    g = torch.cat([p.flatten() for p in torch.autograd.grad(loss, params, create_graph=True)])
    v = torch.cos(torch.arange(len(g), dtype=torch.float64))
    hv = torch.cat([p.flatten() for p in torch.autograd.grad(g @ v, params)])
    return {"x": x.flatten().tolist(), "y": y.flatten().tolist(), "labels": not y.is_floating_point(), "loss": loss.item(),
            "gradient": g.tolist(), "hv": hv.tolist(), "names": [n for n, _ in net.named_parameters()]}


def strip(path):
    """Takes out of a file what says where it was made."""
    model = onnx.load(path)
    for part in [model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        part.ClearField("doc_string")
        del part.metadata_props[:]
    del model.graph.value_info[:]
    onnx.save(model, path)


def main(folder):
    values = {}
    for name, (loss, kind, outputs) in LOSSES.items():
        generator = torch.Generator().manual_seed(7)
        torch.manual_seed(7)
        shape = (EXAMPLES, STEPS, INPUTS) if kind.endswith("labels of steps") else (EXAMPLES, INPUTS)
        net, x, y = Net(loss, outputs), torch.randn(shape, generator=generator), targets(kind, generator)
        common = dict(input_names=["x", "y"], output_names=["z", "loss"])
        if (name, "script") not in LACKING:
            torch.onnx.export(net, (x, y), os.path.join(folder, f"{name}-script.onnx"), dynamo=False, training=torch.onnx.TrainingMode.PRESERVE,
                              dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, **common)
        batch = torch.export.Dim("batch")
        if (name, "dynamo") not in LACKING:
            torch.onnx.export(net, (x, y), os.path.join(folder, f"{name}-dynamo.onnx"), dynamo=True, optimize=False, verbose=False, external_data=False,
                              dynamic_shapes=({0: batch}, {0: batch}), **common)
        for file in glob.glob(os.path.join(folder, f"{name}-*.onnx")):
            strip(file)
        values[name] = golden(net, x, y)
    with open(os.path.join(folder, "golden.json"), "w") as f:
        json.dump(values, f)


if __name__ == "__main__":
    main(sys.argv[1])
