"""Our graph convolution network in PyTorch Geometric."""

import torch
import torch.nn.functional as F
from torch import nn
from torch_geometric.nn import GCNConv
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from common import fingerprint, load
from torch_models import flat, model


class GCN(nn.Module):
    """Outputs of the training nodes. The variant says how the edges lie; they are normalised once."""

    def __init__(self, name, variant):
        super().__init__()
        nodes, features, classes, *_ = (int(n) for n in load(name + "-counts"))
        ends = torch.from_numpy(load(name + "-from")).long(), torch.from_numpy(load(name + "-to")).long()
        self.edges = torch.stack(ends)
        if variant == "CSR":
            self.edges = torch.sparse_coo_tensor(torch.stack(ends[::-1]), torch.ones(len(ends[0])), (nodes, nodes)).to_sparse_csr()
        self.train_nodes = torch.from_numpy(load(name + "-train")).long()
        self.conv1, self.conv2 = GCNConv(features, 64, cached=True), GCNConv(64, classes, cached=True)

    def parameters(self, recurse=True):
        """In our order."""
        return iter([self.conv1.lin.weight, self.conv1.bias, self.conv2.lin.weight, self.conv2.bias])

    def forward(self, x):
        return self.conv2(F.relu(self.conv1(x, self.edges)), self.edges)[self.train_nodes]


def graph_batch(name):
    """The features of all nodes, and the labels of the training nodes."""
    nodes, features, *_ = (int(n) for n in load(name + "-counts"))
    x = torch.zeros(nodes, features)
    x[torch.from_numpy(load(name + "-rows")).long(), torch.from_numpy(load(name + "-columns")).long()] = torch.from_numpy(load(name + "-numbers"))
    labels = torch.from_numpy(load(name + "-labels")).long()
    return x, labels[torch.from_numpy(load(name + "-train")).long()]


def factors(request):
    """Steps of SGD with the Kronecker factors of Izadi et al. 2020, as their code scales them, made at the first step."""
    (steps,), eta, epsilon = request["sizes"], 0.01, 0.1
    net, (x, y) = model(request["model"], request["variant"]), graph_batch(request["model"])
    layers = [net.conv1, net.conv2]
    start = [p.detach().clone() for p in net.parameters()]
    edges, weight = gcn_norm(net.edges, num_nodes=len(x))
    spread = torch.sparse_coo_tensor(edges.flip(0), weight, (len(x), len(x))).to_sparse_csr()
    inverse = {}

    def inverted(rows, scale):
        m = rows.T @ rows * scale
        m.diagonal().add_(epsilon**0.5)
        return torch.linalg.inv(m)

    def run():
        for step in range(steps):
            net.zero_grad()
            first = net.conv1(x, net.edges)
            hidden = F.relu(first)
            second = net.conv2(hidden, net.edges)
            loss = F.cross_entropy(second[net.train_nodes], y)
            if step == 0:
                first.retain_grad(), second.retain_grad()
            loss.backward()
            with torch.no_grad():
                if step == 0:
                    for layer, inputs, outputs in (layers[0], x, first), (layers[1], hidden.detach(), second):
                        rows = torch.cat([spread @ inputs, torch.ones(len(x), 1)], 1)
                        inverse[layer] = inverted(outputs.grad, outputs.shape[1] ** 2 / len(y)), inverted(rows, 1 / len(y))
                for layer in layers:
                    s, a = inverse[layer]
                    g = s @ torch.cat([layer.lin.weight.grad, layer.bias.grad[:, None]], 1) @ a
                    layer.lin.weight -= eta * g[:, :-1]
                    layer.bias -= eta * g[:, -1]
        return lambda: fingerprint(flat([p.detach() for p in net.parameters()]).numpy()) + [float(loss.detach())]

    def reset():
        with torch.no_grad():
            for p, s in zip(net.parameters(), start):
                p.copy_(s)

    return run, reset
