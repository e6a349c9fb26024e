"""BERT of size small in transformers, with our weights, without dropout."""

import torch
from transformers import BertConfig, BertForSequenceClassification

from common import load

TOKENS = 128


class BERT(torch.nn.Module):
    """The variant is how transformers computes attention: eager or sdpa, which has no second derivatives."""

    def __init__(self, variant):
        super().__init__()
        self.net = BertForSequenceClassification(BertConfig(
            vocab_size=30522, hidden_size=512, num_hidden_layers=4, num_attention_heads=8, intermediate_size=2048,
            num_labels=3, attn_implementation=variant)).eval()  # fmt: skip

    def forward(self, x):
        return self.net(input_ids=x[:, 0], token_type_ids=x[:, 1]).logits


def pairs(count):
    """Pieces and segments [pairs, 2, tokens], and labels."""
    pieces = torch.from_numpy(load("pieces", count)).long()
    segments = torch.arange(TOKENS).expand_as(pieces) // (TOKENS // 2)
    return torch.stack([pieces, segments], 1), torch.from_numpy(load("labels", count)).long()
