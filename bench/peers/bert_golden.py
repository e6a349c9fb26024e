"""Writes the golden values of a small BERT: python bert_golden.py > curvature/testdata/bert.json

Needs torch, transformers and scipy. Weights are those of a formula, so that no file of weights
is needed: number k of the flat parameter vector is fill + 0.2 sin(1.7 k + 0.3), with fill 1 for
the scales of layer norm. All is computed in float64.
"""
import json
import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from transformers import BertConfig, BertForSequenceClassification, __version__

torch.set_default_dtype(torch.float64)
config = BertConfig(
    vocab_size=23, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
    max_position_embeddings=9, num_labels=3, attn_implementation="eager")
net = BertForSequenceClassification(config).eval()

params = dict(net.named_parameters())
names = list(params)
offset = 0
places = []
for name in names:
    p = params[name]
    k = np.arange(offset, offset + p.numel())
    fill = 1.0 if name.endswith("LayerNorm.weight") else 0.0
    p.data = torch.tensor((fill + 0.2 * np.sin(1.7 * k + 0.3)).astype(np.float32).astype(np.float64)).reshape(p.shape)
    places.append(f"{name} {offset} {'x'.join(map(str, p.shape))}")
    offset += p.numel()

T = 7
tokens = [[2, 5, 9, 3, 7, 7, 3], [2, 11, 3, 20, 3], [2, 4, 6, 8, 3, 10], [2, 22, 3]]
segments = [[0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 1], [0, 0, 0]]
labels = torch.tensor([0, 2, 1, 1])
pad = lambda rows: torch.tensor([r + [0] * (T - len(r)) for r in rows])
mask = torch.tensor([[1] * len(r) + [0] * (T - len(r)) for r in tokens])
inputs = dict(input_ids=pad(tokens), token_type_ids=pad(segments), attention_mask=mask)

logits = net(**inputs).logits
loss = torch.nn.functional.cross_entropy(logits, labels)
wanted = list(params.values())
flat = lambda grads: torch.cat([g.reshape(-1) for g in grads])
gradient = flat(torch.autograd.grad(loss, wanted, create_graph=True))

per_example = []
for i in range(len(labels)):
    one = {k: v[i:i + 1] for k, v in inputs.items()}
    l = torch.nn.functional.cross_entropy(net(**one).logits, labels[i:i + 1])
    per_example.append(flat(torch.autograd.grad(l, wanted)))
deviations = torch.stack(per_example) - torch.stack(per_example).mean(0)


def hessian_vector(v):
    v = torch.tensor(np.asarray(v).reshape(-1))
    return flat(torch.autograd.grad(gradient, wanted, grad_outputs=v, retain_graph=True)).numpy()


direction = np.cos(0.9 * np.arange(offset))
direction /= np.linalg.norm(direction)
top = eigsh(LinearOperator((offset, offset), matvec=hessian_vector, dtype=np.float64), k=1, which="LA", tol=1e-10)[0][0]
product = hessian_vector(direction)
print(json.dumps({
    "made_by": f"transformers {__version__}, torch {torch.__version__}",
    "parameters": places, "length": T, "tokens": tokens, "segments": segments, "labels": labels.tolist(),
    "logits": logits.detach().reshape(-1).tolist(), "loss": loss.item(),
    "gradient_norm": gradient.norm().item(), "gradient_along": float(gradient.detach().numpy() @ direction),
    "product_norm": float(np.linalg.norm(product)), "curvature_along": float(product @ direction),
    "h_max": float(top), "k_trace": float((deviations ** 2).sum() / len(labels)),
}, indent=1))
