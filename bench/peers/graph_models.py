"""Our graph convolution network in PyTorch Geometric."""

import torch
import torch.nn.functional as F
from torch import nn
from torch_geometric.nn import GCNConv

from common import load


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
