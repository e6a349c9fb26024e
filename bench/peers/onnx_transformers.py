"""Writes the graphs and golden values of transformers for package onnx: python onnx_transformers.py onnx/testdata [NAME ...]

Needs what onnx_golden.py needs, and transformers. Graphs of the newer exporter have no numbers in them: their weights are
those of named streams, which the test repeats. The older one renames weights, so that its files have them.
"""
import json
import math
import os
import sys

import numpy as np
import onnx
import torch
import torchvision
import transformers
from onnx_golden import CLASSES, EXAMPLES, PARTS, TOKENS, flat, stream, tensor
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS, STEPS, MOST = 12, 3, 7, 9


class CausalAttention(nn.Module):
    """As in nanoGPT: fused, or with its own triangle."""
    def __init__(self, fused):
        super().__init__()
        self.fused = fused
        self.c_attn, self.c_proj = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH, bias=False)
        self.register_buffer("bias", torch.tril(torch.ones(MOST, MOST)).view(1, 1, MOST, MOST), persistent=False)

    def forward(self, x):
        batch, steps, width = x.size()
        q, k, v = (y.view(batch, steps, HEADS, width // HEADS).transpose(1, 2) for y in self.c_attn(x).split(width, dim=2))
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
            y = F.softmax(scores.masked_fill(self.bias[:, :, :steps, :steps] == 0, float("-inf")), dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).contiguous().view(batch, steps, width))


class Block(nn.Module):
    def __init__(self, fused):
        super().__init__()
        self.ln_1, self.attn, self.ln_2 = nn.LayerNorm(WIDTH, bias=False), CausalAttention(fused), nn.LayerNorm(WIDTH, bias=False)
        self.c_fc, self.c_proj = nn.Linear(WIDTH, 4 * WIDTH, bias=False), nn.Linear(4 * WIDTH, WIDTH, bias=False)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x))))


class Gpt(nn.Module):
    """A GPT whose last layer has the weights of its embedding."""
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(TOKENS, WIDTH), nn.Embedding(MOST, WIDTH)
        self.h = nn.ModuleList([Block(i % 2 == 0) for i in range(4)])
        self.ln_f, self.lm_head = nn.LayerNorm(WIDTH, bias=False), nn.Linear(WIDTH, TOKENS, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, x):
        y = self.wte(x) + self.wpe(torch.arange(0, x.size(1), dtype=torch.long, device=x.device))
        for block in self.h:
            y = block(y)
        return self.lm_head(self.ln_f(y))


class Distance(nn.Module):
    """A layer whose heads add a bias for the distance (Press et al. 2022), and see four tokens."""
    def __init__(self):
        super().__init__()
        self.tokens, self.attn, self.head = nn.Embedding(TOKENS, WIDTH), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, TOKENS)
        distance = torch.arange(STEPS)[:, None] - torch.arange(STEPS)
        bias = -distance * torch.tensor([0.5, 0.25, 0.125]).view(HEADS, 1, 1)
        self.register_buffer("bias", bias.masked_fill((distance < 0) | (distance > 3), float("-inf")), persistent=False)

    def forward(self, x):
        batch, steps = x.shape
        q, k, v = self.attn(self.tokens(x)).view(batch, steps, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=self.bias) + torch.softmax(q @ k.transpose(-2, -1) + self.bias, -1) @ v
        return self.head(y.transpose(1, 2).reshape(batch, steps, WIDTH))


class Logits(nn.Module):
    """A network of Hugging Face, of whose outputs the logits are the only one."""
    def __init__(self, net, **options):
        super().__init__()
        self.net, self.options = net, options

    def forward(self, input_ids, attention_mask=None, token_type_ids=None):
        extra = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        return self.net(input_ids=input_ids, attention_mask=attention_mask, **extra, **self.options).logits


def gpt2(attention, layers=4):
    config = transformers.GPT2Config(vocab_size=TOKENS, n_positions=MOST, n_embd=WIDTH, n_layer=layers, n_head=HEADS, bos_token_id=0, eos_token_id=0,
                                     attn_implementation=attention, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    return Logits(transformers.GPT2LMHeadModel(config), use_cache=False)


def bert(attention):
    config = transformers.BertConfig(vocab_size=TOKENS, max_position_embeddings=MOST, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=HEADS,
                                     intermediate_size=24, num_labels=CLASSES, attn_implementation=attention, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    net = transformers.BertForSequenceClassification(config)
    net.bert.embeddings.word_embeddings.padding_idx = None  # of which a graph says nothing
    return Logits(net)


def roberta():
    """A BERT whose places are counted among the tokens that are not the one of padding, of which there are some anywhere."""
    config = transformers.RobertaConfig(vocab_size=TOKENS, max_position_embeddings=MOST + 2, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=HEADS,
                                        intermediate_size=24, num_labels=CLASSES, pad_token_id=1, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    net = transformers.RobertaForSequenceClassification(config)
    net.roberta.embeddings.word_embeddings.padding_idx = net.roberta.embeddings.position_embeddings.padding_idx = None  # of which a graph says nothing
    return Logits(net)


def opt():
    """A GPT whose places begin with row 2."""
    config = transformers.OPTConfig(vocab_size=TOKENS, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=HEADS, ffn_dim=24, max_position_embeddings=MOST,
                                    word_embed_proj_dim=WIDTH, dropout=0.0, attention_dropout=0.0)
    net = transformers.OPTForCausalLM(config)
    net.model.decoder.embed_tokens.padding_idx = None
    return Logits(net, use_cache=False)


def llama():
    """Two layers whose four heads share two of keys and values."""
    config = transformers.LlamaConfig(vocab_size=TOKENS, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                                      max_position_embeddings=MOST, bos_token_id=0, eos_token_id=0, pad_token_id=None)
    return Logits(transformers.LlamaForCausalLM(config), use_cache=False)


def qwen3():
    """A Llama with RMS norm of each head of queries and keys."""
    config = transformers.Qwen3Config(vocab_size=TOKENS, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                                      head_dim=4, max_position_embeddings=MOST, bos_token_id=0, eos_token_id=0, pad_token_id=None)
    return Logits(transformers.Qwen3ForCausalLM(config), use_cache=False)


def gptj():
    """A GPT-J, which turns neighbours among the first numbers of each head."""
    config = transformers.GPTJConfig(vocab_size=TOKENS, n_positions=MOST, n_embd=16, n_layer=2, n_head=2, rotary_dim=4, n_inner=24, bos_token_id=0, eos_token_id=0,
                                     resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    return Logits(transformers.GPTJForCausalLM(config), use_cache=False)


def neox():
    """A GPT-NeoX, which turns a half of each head."""
    config = transformers.GPTNeoXConfig(vocab_size=TOKENS, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, rotary_pct=0.5,
                                        max_position_embeddings=MOST, bos_token_id=0, eos_token_id=0, hidden_dropout=0.0, attention_dropout=0.0)
    return Logits(transformers.GPTNeoXForCausalLM(config), use_cache=False)


class Packed(nn.Module):
    """A layer whose queries see what a mask says: of keys, with a triangle, or of pairs, by which texts in one row do not see each other."""
    def __init__(self, pairs):
        super().__init__()
        self.pairs = pairs
        self.tokens, self.attn, self.head = nn.Embedding(TOKENS, WIDTH), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, TOKENS)

    def forward(self, x, attention_mask):
        batch, steps = x.shape
        y = self.tokens(x)
        q, k, v = self.attn(y).view(batch, steps, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = attention_mask.bool()
        if self.pairs:
            seen = seen[:, None]
        else:
            seen = seen[:, None, None] & torch.ones(steps, steps, dtype=torch.bool).tril()
        z = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        return self.head(y + z.transpose(1, 2).reshape(batch, steps, WIDTH))


class Mean(nn.Module):
    """The mean over all steps, whether a mask hides them or not."""
    def __init__(self):
        super().__init__()
        self.net, self.head = bert("eager").net.bert, nn.Linear(WIDTH, CLASSES)
        self.net.pooler = None

    def forward(self, input_ids, attention_mask):
        return self.head(self.net(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.mean(1))


class Padded(nn.Module):
    """PyTorch's own encoder, which is told which tokens are padding, as tutorials do it; or such a layer with a bias of large numbers, and
    the mean over the tokens that are none."""
    def __init__(self, own):
        super().__init__()
        self.embedding, self.head, self.own = nn.Embedding(TOKENS, WIDTH), nn.Linear(WIDTH, CLASSES), own
        if own:
            self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        else:
            self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(WIDTH, HEADS, 24, dropout=0.0, batch_first=True), 2, enable_nested_tensor=False)

    def forward(self, x):
        y = self.embedding(x)
        if not self.own:
            return self.head(self.encoder(y, src_key_padding_mask=x == 1).mean(1))
        q, k, v = (z.reshape(z.shape[0], STEPS, HEADS, -1).transpose(1, 2) for z in self.qkv(y).chunk(3, -1))
        mask = (x != 1).to(y.dtype)
        z = torch.softmax(q @ k.transpose(-1, -2) / 2 + (1.0 - mask)[:, None, None] * -1e9, -1) @ v
        y = y + z.transpose(1, 2).reshape(y.shape)
        return self.head((y * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1))


class PooledBert(nn.Module):
    """The mean over the steps that a mask shows, as sentence-transformers takes it."""
    def __init__(self):
        super().__init__()
        self.net, self.head = bert("sdpa").net.bert, nn.Linear(WIDTH, CLASSES)
        self.net.pooler = None

    def forward(self, input_ids, attention_mask):
        y = self.net(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).expand(y.size()).to(y.dtype)
        return self.head(torch.sum(y * mask, 1) / torch.clamp(mask.sum(1), min=1e-9))


class PooledLstm(nn.Module):
    """The mean, the sum and the maximum over the steps that a mask shows. The LSTM works along all of them."""
    def __init__(self, both):
        super().__init__()
        self.tokens, self.rnn = nn.Embedding(TOKENS, 6), nn.LSTM(6, 5, batch_first=True, bidirectional=both)
        self.fc = nn.Linear(30 if both else 15, CLASSES)

    def forward(self, x, attention_mask):
        y, mask = self.rnn(self.tokens(x))[0], attention_mask.unsqueeze(-1)
        mean = (y * mask).sum(1) / attention_mask.sum(1, keepdim=True).clamp(min=1e-9)
        return self.fc(torch.cat([mean, y.masked_fill(mask == 0, 0.0).sum(1), y.masked_fill(~mask.bool(), -1e9).max(1).values], 1))


class PooledNumbers(nn.Module):
    """The mean over the steps that a mask shows, of a sequence of numbers whose steps stand before the batch within the network."""
    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.GRU(3, 5, 2), nn.Linear(5, CLASSES)

    def forward(self, x, attention_mask):
        y = self.rnn(x.transpose(0, 1))[0]
        mask = attention_mask.transpose(0, 1).unsqueeze(-1).to(y.dtype)
        return self.fc((y * mask).sum(0) / mask.sum(0).clamp(min=1))


class Root(nn.Module):
    """RMS norm in small parts, since the older exporter does not know that of PyTorch."""
    def __init__(self, width, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
        return x / torch.sqrt((x * x).mean(-1, keepdim=True) + self.eps) * self.weight


class NormedHeads(nn.Module):
    """Attention whose queries and keys are normalised head by head, as in ViT-22B: one dense layer makes them."""
    def __init__(self, norm):
        super().__init__()
        self.embedding, self.qkv, self.proj, self.head = nn.Embedding(TOKENS, 16), nn.Linear(16, 48), nn.Linear(16, 16), nn.Linear(16, CLASSES)
        self.q_norm, self.k_norm = norm(4, eps=1e-5), norm(4, eps=1e-5)

    def forward(self, x):
        batch, steps = x.shape
        y = self.embedding(x)
        q, k, v = self.qkv(y).reshape(batch, steps, 3, 4, 4).permute(2, 0, 3, 1, 4).unbind(0)
        z = F.scaled_dot_product_attention(self.q_norm(q), self.k_norm(k), v)
        return self.head((y + self.proj(z.transpose(1, 2).reshape(batch, steps, 16))).mean(1))


class Rotary(nn.Module):
    """A layer of Llama as one writes it oneself: RMS norm, rotary embeddings, keys and values for two heads each, and SwiGLU."""
    def __init__(self, norm):
        super().__init__()
        self.tokens, self.lm_head = nn.Embedding(TOKENS, 16), nn.Linear(16, TOKENS, bias=False)
        self.norm_1, self.norm_2 = norm(16, eps=1e-5), norm(16, eps=1e-5)
        self.q, self.k, self.v, self.o = (nn.Linear(16, n, bias=False) for n in (16, 8, 8, 16))
        self.gate, self.up, self.down = (nn.Linear(*n, bias=False) for n in ((16, 24), (16, 24), (24, 16)))
        angles = torch.arange(STEPS)[:, None] * 100.0 ** (-torch.arange(2) / 2)
        self.register_buffer("cos", torch.cat((angles, angles), -1).cos(), persistent=False)
        self.register_buffer("sin", torch.cat((angles, angles), -1).sin(), persistent=False)

    def turned(self, x):
        return x * self.cos + torch.cat((-x[..., 2:], x[..., :2]), -1) * self.sin

    def forward(self, x):
        batch, steps = x.shape
        x = self.tokens(x)
        y = self.norm_1(x)
        q, k, v = (layer(y).view(batch, steps, -1, 4).transpose(1, 2) for layer in (self.q, self.k, self.v))
        k, v = (y[:, :, None].expand(batch, 2, 2, steps, 4).reshape(batch, 4, steps, 4) for y in (self.turned(k), v))
        y = F.scaled_dot_product_attention(self.turned(q), k, v, is_causal=True)
        x = x + self.o(y.transpose(1, 2).reshape(batch, steps, 16))
        y = self.norm_2(x)
        return self.lm_head(x + self.down(F.silu(self.gate(y)) * self.up(y)))


class RotaryPairs(Rotary):
    """A layer that turns neighbours, and not halves, as the first Llama did."""
    def turned(self, x):
        a, b = x.reshape(*x.shape[:-1], 2, 2).unbind(-1)
        cos, sin = self.cos[:, :2], self.sin[:, :2]
        return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


class Encoder(nn.Module):
    """PyTorch's own encoder: with the batch first, or with the steps first and a mask."""
    def __init__(self, first):
        super().__init__()
        self.first = first
        self.embedding, self.head = nn.Embedding(TOKENS, WIDTH), nn.Linear(WIDTH, CLASSES)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 24, dropout=0.0, activation="gelu" if first else "relu", batch_first=first, norm_first=first)
        self.encoder = nn.TransformerEncoder(layer, 2)

    def forward(self, x):
        y = self.embedding(x)
        if self.first:
            return self.head(self.encoder(y).mean(1))
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return self.head(self.encoder(y.transpose(0, 1), mask=mask, is_causal=True)[0])


NETWORKS = {
    "gpt": Gpt,
    "gpt_distance": Distance,
    "gpt2": lambda: gpt2("sdpa"),
    "gpt2_eager": lambda: gpt2("eager"),
    "gpt_opt": opt,
    "gpt_llama": llama,
    "gpt_neox": neox,
    "gpt_qwen3": qwen3,
    "gpt_j": gptj,
    "heads_layer": lambda: NormedHeads(nn.LayerNorm),
    "heads_rms": lambda: NormedHeads(nn.RMSNorm),
    "heads_root": lambda: NormedHeads(Root),
    "gpt_rotary": lambda: Rotary(nn.RMSNorm),
    "gpt_rotary_parts": lambda: Rotary(Root),
    "gpt_rotary_pairs": lambda: RotaryPairs(Root),
    "gpt_left_gpt2": lambda: gpt2("eager", 2),
    "gpt_left_llama": llama,
    "gpt_left_mask": lambda: Packed(False),
    "gpt_packed": lambda: Packed(True),
    "hfbert": lambda: bert("sdpa"),
    "hfbert_holes": lambda: bert("sdpa"),
    "hfbert_mean": Mean,
    "hfbert_plain": lambda: bert("sdpa"),
    "pool_bert": PooledBert,
    "pool_bert_holes": PooledBert,
    "pool_lstm": lambda: PooledLstm(False),
    "pool_lstm_holes": lambda: PooledLstm(False),
    "pool_lstm_both": lambda: PooledLstm(True),
    "pool_numbers": PooledNumbers,
    "hfbert_eager": lambda: bert("eager"),
    "hfbert_roberta": roberta,
    "encoder": lambda: Encoder(True),
    "encoder_padded": lambda: Padded(False),
    "encoder_padded_own": lambda: Padded(True),
    "encoder_steps": lambda: Encoder(False),
    "vision": lambda: torchvision.models.VisionTransformer(8, 4, 2, HEADS, WIDTH, 24, num_classes=CLASSES),
}

# The forms of each graph that are written. The older exporter does not know an operator of what Hugging Face computes if no mask is given.
FORMS = {
    "gpt": ("script", "script-fixed", "dynamo"),
    "gpt_distance": ("script", "dynamo"),
    "gpt2": ("dynamo",),
    "gpt2_eager": ("dynamo-fixed",),
    "hfbert": ("script", "dynamo"),
    "gpt_opt": ("dynamo",),
    "gpt_llama": ("dynamo", "dynamo-fixed"),
    "gpt_neox": ("dynamo",),
    "gpt_qwen3": ("dynamo", "dynamo-fixed"),
    "heads_layer": ("script", "script-fixed", "dynamo"),
    "heads_rms": ("dynamo",),
    "heads_root": ("script-fixed",),
    "gpt_j": ("dynamo", "dynamo-fixed"),
    "gpt_rotary_pairs": ("script", "script-fixed", "dynamo"),
    "gpt_rotary": ("dynamo",),
    "gpt_rotary_parts": ("script", "script-fixed"),
    "gpt_left_gpt2": ("script", "dynamo"),
    "gpt_left_llama": ("script-fixed", "dynamo", "dynamo-fixed"),
    "gpt_left_mask": ("script", "script-fixed", "dynamo"),
    "gpt_packed": ("script-fixed", "dynamo"),
    "hfbert_holes": ("script", "dynamo"),
    "hfbert_mean": ("script", "dynamo"),
    "hfbert_eager": ("script-fixed",),
    "hfbert_plain": ("script",),
    "hfbert_roberta": ("script", "dynamo"),
    "pool_bert": ("script", "dynamo", "dynamo-optimized"),
    "pool_bert_holes": ("script", "dynamo"),
    "pool_lstm": ("script", "script-fixed", "dynamo", "dynamo-optimized"),
    "pool_lstm_holes": ("script", "dynamo-fixed"),
    "pool_lstm_both": ("script", "dynamo", "dynamo-optimized"),
    "pool_numbers": ("script", "dynamo"),
    "encoder": ("script", "dynamo"),
    "encoder_padded": ("script", "dynamo", "dynamo-fixed"),
    "encoder_padded_own": ("script", "script-fixed", "dynamo"),
    "encoder_steps": ("script-fixed", "dynamo"),
    "vision": ("script-fixed", "dynamo", "dynamo-fixed"),
}


def inputs(name, examples):
    """What a network reads: images, or tokens or numbers with their mask and their types."""
    if name == "vision":
        x = stream("input", examples * 3 * 8 * 8).astype(np.float32)
        return (torch.tensor(x).double().reshape(examples, 3, 8, 8) * 1.5,)
    if name == "pool_numbers":
        x = stream("input", examples * STEPS * 3).astype(np.float32)
        return torch.tensor(x).double().reshape(examples, STEPS, 3) * 1.5, mask_of(name, examples)
    x = stream("input", examples * STEPS).astype(np.float32).astype(np.float64)
    ids = torch.tensor((x + 1) / 2 * TOKENS).long().reshape(examples, STEPS)
    mask = mask_of(name, examples)
    if mask is None:
        return (ids,)
    if name in ("hfbert", "hfbert_eager"):
        return ids, mask, (torch.arange(STEPS) >= 3).long().expand(examples, STEPS).contiguous()
    return ids, mask  # of BERT all tokens are then of type 0


def mask_of(name, examples):
    """The mask of a network: of padding behind the tokens, before them, of steps anywhere, or of pairs of steps of one text."""
    steps, example = torch.arange(STEPS), torch.arange(examples)[:, None]
    if name.startswith("gpt_left"):
        return (steps >= example * 3 % 5).long()
    if name == "gpt_packed":
        text = (steps >= 2 + example % 3).long() + (steps >= 6 - example % 2)  # of each step
        return ((text[:, :, None] == text[:, None]) & (steps[:, None] >= steps)).long()
    if name.endswith("_holes"):
        return ((steps + example) % 3 != 1).long()
    if name.startswith(("hfbert", "pool")):
        return (steps < STEPS - example * 3 % 5).long()
    return None


def golden(name, net):
    net = net.double().train()
    x = inputs(name, EXAMPLES)
    y = torch.arange(EXAMPLES) * 7 % CLASSES

    def loss(at):
        z, part = net(*(i[at] for i in x)), tuple(i[at] for i in x)
        if name.startswith("gpt"):
            labels = part[0][:, 1:]
            if name.startswith("gpt_left"):
                labels = labels.masked_fill(part[1][:, 1:] == 0, -100)
            return F.cross_entropy(z[:, :-1].reshape(-1, TOKENS), labels.reshape(-1))
        return F.cross_entropy(z, y[at])

    names, params = zip(*net.named_parameters())
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        logits = net(*x).detach()
        whole = loss(slice(None))
        gradient = flat(torch.autograd.grad(whole, params, create_graph=True))

        def product(v):
            v = torch.tensor(np.asarray(v, dtype=np.float64).reshape(-1))
            return flat(torch.autograd.grad(gradient, params, grad_outputs=v, retain_graph=True)).detach().numpy()

        dim = gradient.numel()
        top = eigsh(LinearOperator((dim, dim), matvec=product, dtype=np.float64), k=1, which="LA", tol=1e-6, ncv=12)[0][0]
        parts = torch.stack([flat(torch.autograd.grad(loss(slice(k * EXAMPLES // PARTS, (k + 1) * EXAMPLES // PARTS)), params)) for k in range(PARTS)])
    return {
        "parameters": dim, "logits": [round(z, 7) for z in logits.reshape(-1).tolist()], "loss": whole.item(), "gradient_norm": gradient.norm().item(),
        "h_max": float(top), "k_trace": float(((parts - parts.mean(0)) ** 2).sum() / PARTS),
        "names": [[n.removeprefix("net."), list(p.shape)] for n, p in zip(names, params)],
    }


def export(name, net, path, dynamo, fixed, optimized):
    x = inputs(name, EXAMPLES if fixed else 2)
    x = tuple(i.float() if i.is_floating_point() else i for i in x)
    if dynamo:
        shapes = None if fixed else tuple({0: torch.export.Dim("batch")} for _ in x)
        torch.onnx.export(net, x, path, dynamo=True, optimize=fixed or optimized, dynamic_shapes=shapes, external_data=False, verbose=False)
    else:
        names = ["input_ids", "attention_mask", "token_type_ids"][:len(x)]
        axes = None if fixed else {n: {0: "batch"} for n in names}
        torch.onnx.export(net, x, path, dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, opset_version=14 if fixed else 17, input_names=names, dynamic_axes=axes)
    model = onnx.load(path)
    state = {k for k, v in net.state_dict().items() if v.is_floating_point()} if dynamo and not fixed and not optimized and "gpt2" not in name else {}
    for t in model.graph.initializer:
        if t.name in state:
            onnx.external_data_helper.set_external_data(t, "absent.bin")
            t.data_location = onnx.TensorProto.EXTERNAL
            t.ClearField("raw_data")
    for part in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        part.ClearField("doc_string")
        if hasattr(part, "metadata_props"):
            kept = [p for p in part.metadata_props if getattr(part, "op_type", "") in ("LSTM", "GRU") and p.key.endswith("name_scopes")]
            del part.metadata_props[:]
            part.metadata_props.extend(kept)  # their module names their parameters
    del model.graph.value_info[:]
    with open(path, "wb") as f:
        f.write(model.SerializeToString())


def main(folder, wanted):
    path = os.path.join(folder, "golden-transformers.json")
    values = json.load(open(path)) if os.path.exists(path) else {}
    for name, make in NETWORKS.items():
        if wanted and name not in wanted:
            continue
        torch.manual_seed(0)
        net = make().eval()
        # Numbers that differ: exporters save tensors of equal numbers once, and leave out a bias of zeros.
        net.load_state_dict({k: tensor(k.removeprefix("net."), v.shape) for k, v in net.state_dict().items() if v.is_floating_point()}, strict=False)
        for form in FORMS[name]:
            export(name, net, os.path.join(folder, f"{name}-{form}.onnx"), form.startswith("dynamo"), form.endswith("fixed"), form.endswith("optimized"))
        values[name] = golden(name, net)
        print(name, {k: v for k, v in values[name].items() if not isinstance(v, list)}, file=sys.stderr)
    values["made_by"] = f"torch {torch.__version__}, torchvision {torchvision.__version__}, onnx {onnx.__version__}, transformers {transformers.__version__}"
    text = json.dumps(values, indent=1)
    with open(path, "w") as f:
        f.write(text.replace(",\n   ", ", ").replace("[\n   ", "["))


main(sys.argv[1], sys.argv[2:])
