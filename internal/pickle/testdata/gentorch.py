# Writes the fixtures of PyTorch beside it.
#
#     pip install torch
#     python gentorch.py
import collections

import torch

state = collections.OrderedDict()
for name in ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"]:
    state[name] = torch.arange(6).reshape(2, 3).to(getattr(torch, name))
state["bool"] = torch.tensor([True, False])
state["scalar"] = torch.tensor(1.5)
state["empty"] = torch.zeros(0, 3)
base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
state["base"] = base
state["transposed"] = base.t()
state["part"] = base[1:, 1:3]
state["parameter"] = torch.nn.Parameter(torch.ones(2))
torch.save(state, "state.pt")
torch.save({"epoch": 3, "model": collections.OrderedDict(fc=collections.OrderedDict(weight=torch.ones(1, 2))),
            "optimizer": {"state": {0: {"step": 5}}, "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999)}]}}, "checkpoint.pt")
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
torch.manual_seed(0)
torch.save(net.state_dict(), "net.pt")
torch.save(net, "whole.pt")
torch.save(state["bool"], "old.pt", _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), "script.pt")
