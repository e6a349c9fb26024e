# Writes the files of PyTorch beside it. Value number i of a tensor is first + i/8.
#
#     pip install torch
#     python gentorch.py
import argparse
import os

import torch


def values(first, *shape):
    n = int(torch.tensor(shape).prod())
    return first + torch.arange(n, dtype=torch.float32).reshape(shape) / 8


def state(first, prefix=""):
    return {prefix + "fc.weight": values(first, 2, 3), prefix + "fc.bias": values(first + 1, 2)}


class Evil:
    def __reduce__(self):
        return os.system, ("echo this was run",)


# What programs write around a state dict.
torch.save(state(1), "plain.pt")
torch.save({"model": state(1), "ema": state(50), "epoch": 3}, "ema.pt")
torch.save({"student": state(1), "teacher": state(50)}, "two.pt")
torch.save({"net": state(1, "module."), "acc": 91.5, "step": 400, "lr": 0.05}, "parallel.pt")
torch.save({"epoch": 3, "global_step": 1200, "pytorch-lightning_version": "2.5", "state_dict": state(1, "model."),
            "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(2, 3)}}, "param_groups": [{"lr": 0.1}]}],
            "hyper_parameters": argparse.Namespace(lr=0.1)}, "lightning.pt")
torch.save({"model": state(1), "loss": Evil()}, "evil.pt")

# Networks that were saved whole.
net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
net[1].register_buffer("unsaved", torch.ones(5), persistent=False)
for k, t in enumerate(net.state_dict().values()):
    if t.is_floating_point():
        t.copy_(values(10 * k, *t.shape))
torch.save({"network": torch.nn.DataParallel(net), "epoch": 3}, "whole.pt")

# Tensors that share memory, have gaps, or are of other types.
base = values(0, 4, 6)
torch.save({
    "base": base, "tied": base, "transposed": base.t(), "part": base[1:3, 2:5], "column": base[:, 3], "every": base[::2, ::3],
    "image": values(0, 2, 3, 2, 2).contiguous(memory_format=torch.channels_last), "scalar": torch.tensor(1.5), "empty": torch.zeros(0, 3),
    "expanded": values(7, 1, 2).expand(3, 2), "half": values(0, 5).half(), "brain": values(0, 5).bfloat16(), "double": values(0, 2, 2).double().t(),
    "parameter": torch.nn.Parameter(values(2, 2)),
}, "views.pt")
torch.save({"overlap": torch.as_strided(base, (3, 3), (2, 1))}, "overlap.pt")
torch.save({"long": torch.arange(3), "complex": torch.ones(2, dtype=torch.complex64), "tiny": torch.ones(2).to(torch.float8_e4m3fn)}, "kinds.pt")
