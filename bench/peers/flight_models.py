"""Our network of flights in PyTorch, on states that lie packed: those of all flights at one time, then at the next."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from common import load

COMPONENTS, BLOCKS = 3, (3, 2)


def packed(name, steps, count):
    """The sequences of a file without their padding."""
    x = torch.from_numpy(load(name, count))
    return pack_padded_sequence(x, torch.from_numpy(load(steps, count)).long(), batch_first=True, enforce_sorted=False)


def flights(name, count, layout):
    """Inputs and targets: packed sequences of states and plans, cubes, and next states with their weights."""
    state, plan = packed("state", "state-steps", count), packed("plan", "plan-steps", count)
    cubes = None
    if name == "deeptp":
        cubes = packed("cube", "state-steps", count).data.view(-1, 4, 20, 20)
        if "channels_last" in layout:
            cubes = cubes.contiguous(memory_format=torch.channels_last)
    return (state, plan, cubes), (packed("next", "state-steps", count).data, packed("next-weight", "state-steps", count).data / count)


class DeepTP(nn.Module):
    """The variant says whether the decoder's steps are packed or padded, and whose LSTM it is then."""

    def __init__(self, name, variant):
        super().__init__()
        self.padded, self.onednn = "padded" in variant, "oneDNN" in variant
        self.point, self.encoder = nn.Linear(2, 32), nn.LSTM(32, 128, num_layers=2)
        self.weather = None
        if name == "deeptp":
            layers = [nn.Conv2d(4, 16, 6, 2), nn.ELU(), nn.Conv2d(16, 16, 3), nn.ELU(), nn.Conv2d(16, 32, 3), nn.ELU()]
            self.weather = nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 32), nn.ELU())
        self.state = nn.Linear(38 if self.weather else 6, 64)
        self.decoder = nn.LSTM(64, 128, num_layers=2)
        self.out = nn.Linear(128, 45)
        for lstm in self.encoder, self.decoder:
            for k in range(2):  # there is one bias
                getattr(lstm, f"bias_hh_l{k}").requires_grad_(False).zero_()

    def parameters(self, recurse=True):
        """In our order."""
        parts = [self.point, self.encoder, self.weather, self.state, self.decoder, self.out]
        return iter([p for part in parts if part for p in part.parameters() if p.requires_grad])

    def forward(self, x):
        state, plan, cubes = x
        _, last = self.encoder(plan._replace(data=F.elu(self.point(plan.data))))
        rows = state.data
        if self.weather:
            rows = torch.cat([rows, self.weather(cubes)], 1)
        rows = state._replace(data=F.elu(self.state(rows)))
        return self.out(self.decode(rows, last).data)

    def decode(self, rows, last):
        if not self.padded:
            return self.decoder(rows, last)[0]
        padded, steps = pad_packed_sequence(rows)
        torch.backends.mkldnn.set_flags(self.onednn)
        y, _ = self.decoder(padded, last)
        torch.backends.mkldnn.set_flags(True)  # for the convolutions
        return pack_padded_sequence(y, steps, enforce_sorted=False)


def factor(numbers, n):
    """Entries of the Cholesky factor, as TensorFlow's fill_triangular places them."""
    tail = n * (n + 1) // 2 - n

    def entry(i, j):
        at = i * n + j
        return numbers[..., n + at if at < tail else 2 * tail + n - 1 - at]

    return [[F.softplus(entry(i, j)) if i == j else entry(i, j) for j in range(i + 1)] for i in range(n)]


def mixture_density(z, target):
    """The weighted sum of negative log-likelihoods."""
    y, weight = target
    k, width = COMPONENTS, sum(BLOCKS)
    log = F.log_softmax(z[:, :k], 1)
    mean, at, first = k, k * (1 + width), 0
    for n in BLOCKS:
        size = n * (n + 1) // 2
        away = y[:, None, first : first + n] - z[:, mean : mean + k * n].view(-1, k, n)
        l = factor(z[:, at : at + k * size].view(-1, k, size), n)
        u = []
        for i in range(n):
            u.append((away[..., i] - sum(l[i][j] * u[j] for j in range(i))) / l[i][i])
            log = log - 0.5 * u[i] * u[i] - torch.log(l[i][i]) - 0.9189385332046727
        mean, at, first = mean + k * n, at + k * size, first + n
    return -(torch.logsumexp(log, 1) * weight).sum()
