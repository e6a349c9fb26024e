"""Networks over one dimension, for onnx_golden.py: convolutions of signals, of embedded tokens, and before recurrent layers
and attention."""
import torch
from torch import nn

CLASSES, TOKENS = 5, 20


class Block(nn.Module):
    """A block of a ResNet over one dimension."""
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(channels, filters, 5, stride, 2, bias=False), nn.BatchNorm1d(filters)
        self.conv2, self.bn2 = nn.Conv1d(filters, filters, 3, 1, 1), nn.BatchNorm1d(filters)
        self.shortcut = nn.Sequential(nn.Conv1d(channels, filters, 1, stride, bias=False), nn.BatchNorm1d(filters))

    def forward(self, x):
        return torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))) + self.shortcut(x))


def resnet1d():
    return nn.Sequential(
        nn.Conv1d(2, 6, 7, 2, 3, bias=False), nn.BatchNorm1d(6), nn.ReLU(), nn.MaxPool1d(3, 2, 1), Block(6, 8, 2), Block(8, 8, 1),
        nn.AvgPool1d(2), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, CLASSES))


class Signals(nn.Module):
    """Groups, dilation, norms, gates and all ways to pool."""
    def __init__(self):
        super().__init__()
        self.conv1, self.norm1, self.pool1 = nn.Conv1d(3, 8, 5, padding=2), nn.GroupNorm(2, 8), nn.MaxPool1d(3, 2, ceil_mode=True)
        self.conv2, self.norm2 = nn.Conv1d(8, 8, 3, padding="same", groups=8), nn.InstanceNorm1d(8, affine=True)
        self.fc1, self.fc2 = nn.Linear(8, 4), nn.Linear(4, 8)
        self.conv3, self.pool3 = nn.Conv1d(8, 6, 3, dilation=2, groups=2, bias=False), nn.AvgPool1d(3, 2, 1)
        self.fc = nn.Linear(30, CLASSES)

    def forward(self, x):
        x = self.pool1(torch.tanh(self.norm1(self.conv1(x))))
        x = torch.tanh(self.norm2(self.conv2(x))) + x
        gate = torch.sigmoid(self.fc2(torch.tanh(self.fc1(x.mean(-1)))))
        x = self.pool3(torch.tanh(self.conv3(x * gate.unsqueeze(-1))))
        parts = (x.amax(2), x.mean(2), nn.functional.adaptive_max_pool1d(x, 1).squeeze(2), x[:, :, -1], x[:, :, 1:3].mean(-1, keepdim=True).flatten(1))
        return self.fc(torch.cat(parts, 1))


class Text(nn.Module):
    """TextCNN (Kim 2014) by convolutions in one dimension or, as in much code, in two."""
    def __init__(self, flat):
        super().__init__()
        self.tokens, self.flat = nn.Embedding(TOKENS, 6), flat
        self.convs = nn.ModuleList(nn.Conv1d(6, 4, k) if flat else nn.Conv2d(1, 4, (k, 6)) for k in (2, 3, 4))
        self.fc = nn.Linear(12, CLASSES)

    def forward(self, x):
        x = self.tokens(x)
        if self.flat:
            parts = [torch.relu(conv(x.transpose(1, 2))).max(2).values for conv in self.convs]
        else:
            parts = [torch.relu(conv(x.unsqueeze(1))).squeeze(3) for conv in self.convs]
            parts = [nn.functional.max_pool1d(y, y.shape[2]).squeeze(2) for y in parts]
        return self.fc(torch.cat(parts, 1))


class Before(nn.Module):
    """A convolution before a recurrent layer, whose sequences have the steps or the examples first."""
    def __init__(self, kind, batch_first):
        super().__init__()
        self.conv, self.pool = nn.Conv1d(3, 6, 3, padding=1), nn.MaxPool1d(2)
        self.rnn, self.fc = getattr(nn, kind)(6, 5, batch_first=batch_first, bidirectional=not batch_first), nn.Linear(5 if batch_first else 10, CLASSES)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv(x)))
        if self.rnn.batch_first:
            return self.fc(self.rnn(x.transpose(1, 2))[0][:, -1])
        return self.fc(self.rnn(x.permute(2, 0, 1))[0].mean(0))


class Mixed(nn.Module):
    """A convolution beside attention on sequences [examples, steps, numbers], as in a Conformer, and positions by a convolution."""
    def __init__(self, make):
        super().__init__()
        self.place, self.norm1, self.attention = nn.Conv1d(6, 6, 3, padding=1, groups=6), nn.LayerNorm(6), make(6, 2, False, False)
        self.norm2, self.wide, self.deep, self.bn = nn.LayerNorm(6), nn.Conv1d(6, 12, 1), nn.Conv1d(12, 12, 3, padding=1, groups=12), nn.BatchNorm1d(12)
        self.narrow, self.fc = nn.Conv1d(12, 6, 1), nn.Linear(6, CLASSES)

    def forward(self, x):
        y = x.transpose(1, 2)
        x = (y + torch.tanh(self.place(y))).transpose(1, 2)
        x = x + self.attention(self.norm1(x))
        y = self.narrow(torch.tanh(self.bn(self.deep(self.wide(self.norm2(x).transpose(1, 2))))))
        return self.fc((x + y.transpose(1, 2)).mean(1))


class Crnn(nn.Module):
    """Convolutions of an image whose columns a recurrent layer reads: with all their pixels as numbers of a step, or one pixel high."""
    def __init__(self, squeezed):
        super().__init__()
        self.squeezed = squeezed
        self.conv1, self.bn, self.pool1 = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.MaxPool2d((2, 1))
        self.conv2, self.pool2 = nn.Conv2d(4, 6, (4, 2) if squeezed else 3, padding=0 if squeezed else 1), nn.MaxPool2d((2, 2), (2, 1), (0, 1))
        self.rnn = nn.GRU(6 if squeezed else 12, 5, batch_first=not squeezed)
        self.fc = nn.Linear(5, CLASSES)

    def forward(self, x):
        x = torch.tanh(self.conv2(self.pool1(torch.relu(self.bn(self.conv1(x))))))
        if self.squeezed:
            return self.fc(self.rnn(x.squeeze(2).permute(2, 0, 1))[0][-1])
        x = self.pool2(x).permute(0, 3, 1, 2)
        return self.fc(self.rnn(x.reshape(x.size(0), x.size(1), -1))[0].mean(1))


class Causal(nn.Module):
    """A temporal convolutional network: padding before the steps, or on both sides of which the end is cut off."""
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv1d(3, 6, 3), nn.Conv1d(6, 6, 3, padding=4, dilation=2)
        self.down, self.mirror, self.fc = nn.Conv1d(3, 6, 1), nn.Conv1d(6, 4, 3, padding=1, padding_mode="reflect"), nn.Linear(4, CLASSES)

    def forward(self, x):
        y = torch.relu(self.conv1(nn.functional.pad(x, (2, 0))))
        y = torch.relu(self.conv2(y)[:, :, :-4]) + self.down(x)
        return self.fc(torch.tanh(self.mirror(y))[:, :, -1])


class Lines(nn.Module):
    """Means and maxima over height or width of an image, signals joined along their length, and a sequence as a vector."""
    def __init__(self):
        super().__init__()
        self.conv, self.around = nn.Conv2d(1, 4, 3, padding=1), nn.Conv1d(4, 4, 3, padding=1, padding_mode="circular")
        self.scale, self.step, self.fc = nn.Linear(4, 4), nn.Linear(4, 3), nn.Linear(42, CLASSES)

    def forward(self, x):
        x = torch.tanh(self.conv(x))
        y = torch.cat((torch.tanh(self.around(x.mean(2))), x.amax(3)), 2)
        y = y * torch.sigmoid(self.scale(y.mean(2))).unsqueeze(2).expand_as(y)
        return self.fc(torch.tanh(self.step(y.transpose(1, 2))).flatten(1))


class Labels(nn.Module):
    """A class for each step of a signal."""
    def __init__(self):
        super().__init__()
        self.conv1, self.bn, self.conv2 = nn.Conv1d(2, 8, 5, padding=2), nn.BatchNorm1d(8), nn.Conv1d(8, 8, 3, padding=4, dilation=4)
        self.head = nn.Conv1d(8, CLASSES, 1)

    def forward(self, x):
        x = torch.relu(self.bn(self.conv1(x)))
        return self.head(x + torch.tanh(self.conv2(x)))


# Networks, with the shape of an example.
SIGNALS = {
    "resnet1d": (resnet1d, (2, 40)),
    "signals": (Signals, (3, 18)),
    "textcnn": (lambda: Text(True), (9,)),
    "textcnn_images": (lambda: Text(False), (9,)),
    "conv_gru": (lambda: Before("GRU", True), (3, 12)),
    "conv_lstm": (lambda: Before("LSTM", False), (3, 12)),
    "crnn": (lambda: Crnn(False), (1, 8, 10)),
    "crnn_squeezed": (lambda: Crnn(True), (1, 8, 10)),
    "tcn": (Causal, (3, 10)),
    "lines": (Lines, (1, 6, 8)),
    "step_labels": (Labels, (2, 12)),
}
