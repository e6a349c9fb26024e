"""Writes densenet121.json: what PyTorch computes in float64 for torchvision's DenseNet-121.

Weights are xavier_uniform_ after torch.manual_seed(0), tensor by tensor; norms change nothing.
The inputs are the first 8 images of images.png, each pixel four times, of 64x64 pixels. Run in
this folder, with torch, torchvision, scipy and pillow.
"""

import json

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.sparse.linalg import LinearOperator, eigsh
from torchvision.models import densenet121

N = 8
strip = np.asarray(Image.open("images.png").convert("RGB")).reshape(-1, 32, 32, 3)[:N]
mean, std = np.array([0.4914, 0.4822, 0.4465]), np.array([0.2470, 0.2435, 0.2616])
x = ((strip / 255 - mean) / std).astype(np.float32).transpose(0, 3, 1, 2)
x = torch.from_numpy(x.repeat(2, 2).repeat(2, 3)).double()
y = torch.from_numpy(np.fromfile("labels.bin", dtype=np.uint8)[:N].astype(np.int64))

net = densenet121(num_classes=10)
torch.manual_seed(0)
for p in net.parameters():
    if p.dim() > 1:
        torch.nn.init.xavier_uniform_(p)
torch.nn.init.zeros_(net.classifier.bias)
net = net.double()
names, params = zip(*net.named_parameters())
dim = sum(p.numel() for p in params)

z = net(x)
loss = F.cross_entropy(z, y)
g = torch.autograd.grad(loss, params, create_graph=True)


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


def hessian(v):
    parts, at = [], 0
    for p in params:
        parts.append(v[at : at + p.numel()].view_as(p))
        at += p.numel()
    return flat(torch.autograd.grad(g, params, grad_outputs=parts, retain_graph=True)).detach()


v = np.cos(np.arange(dim))
v = torch.from_numpy((v / np.linalg.norm(v)).astype(np.float32)).double()
hv = hessian(v)
H = LinearOperator((dim, dim), matvec=lambda u: hessian(torch.from_numpy(u.reshape(-1).copy())).numpy(), dtype=np.float64)
top = eigsh(H, k=1, which="LA", tol=1e-6, v0=flat(g).detach().numpy(), return_eigenvectors=False)[0]
json.dump(
    {
        "torch": torch.__version__,
        "parameters": [[n, list(p.shape)] for n, p in zip(names, params)],
        "buffers": [n for n, b in net.named_buffers() if b.dim() > 0],
        "logits": z.detach().flatten().tolist(),
        "loss": loss.item(),
        "gradient_norms": [t.norm().item() for t in g],
        "v_g": flat(g).dot(v).item(),
        "hv_norm": hv.norm().item(),
        "v_hv": hv.dot(v).item(),
        "hv_first": hv[:16].tolist(),
        "h_max": float(top),
    },
    open("densenet121.json", "w"),
    indent=None,
)
