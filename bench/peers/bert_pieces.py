"""Writes the golden values of BERT's tokens: python bert_pieces.py > data/text/testdata/pieces.json

Needs transformers. The vocabulary is a small one, which stands in the values.
"""
import json
import os
import tempfile
from transformers import BertTokenizer, __version__

vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + list("abcdefghijklmnopqrstuvwxyz0123456789.,!?'\"-$+<>~@#%&*()/:;[]") + [
    "##" + c for c in "abcdefghijklmnopqrstuvwxyz0123456789"] + [
    "the", "un", "##aff", "##able", "want", "##want", "##ed", "runn", "##ing", "##in", "hello", "world", "中", "文", "東", "京",
    "naive", "cafe", "ß", "##ß", "σ", "ο", "##ς", "##σ", "##ο", "é", "…", "“", "”", "–", "€", "が", "か", "##か", "한", "ᄒ", "##ᅡ", "##ᆫ",
    "i", "ﬁ", "##ﬁ", "½", "²", "😀", "##😀", "、", "。", "«", "¿"]
vocabulary = list(dict.fromkeys(vocabulary))
texts = [
    "", " ", "UNwanted\u00c9,running", "Hello,  World!", "unaffable", "the\u00a0want\tthe\nhello\r\nworld", "Caf\u00e9 na\u00efve", "Cafe\u0301 NAI\u0308VE",
    "中文hello東京", "hello\u200bworld", "he\u0000llo\ufffdworld", "hello\u2028world\u0085the", "it's a dog's life...", "a\u00ad-b", "ßS", "ΣΟΣ ΟΣ",
    "\u0130stanbul I", "한", "が か\u3099", "ﬁne ½ ² 😀 hello😀", "$100+3<4>2~@#%&*()/:;[]", "“the” – «hello» ¿ … 、。", "x" * 100, "x" * 101,
    "qwertyzzz unaffableX ξ", "the\u0301\u0302\u0303", "\ufeffhello", "e\u0301\u200d\u200ce", "hello\U000e0001world", "a\u0345b", "\ue000hello", "\u0378hello", "Ω K Å", "  the  the", "\u3000hello\u2003world",
]
pairs = [
    ("the want hello world the want hello", "unaffable world", 12), ("hello world", "the the the the the the the the the", 10), ("a b c d e f", "a b c d e f", 8),
    ("a b c d e f", "a b c d e f", 9), ("a b c", "d e f", 9), ("a b c d e f g", None, 6), ("hello", None, 6), ("", "a", 5), ("a b c d e f g h", "a b", 7), ("a b", "a b c d e f g h", 7),
    ("a b c d e f g h", "a b c", 8), ("a b c", "a b c d e f g h", 8),
]
with tempfile.TemporaryDirectory() as folder:
    name = os.path.join(folder, "vocab.txt")
    with open(name, "w", encoding="utf-8", newline="\n") as f:
        f.write("\n".join(vocabulary) + "\n")
    tokenizer = BertTokenizer(name)
out = []
for a, b, length in pairs:
    e = tokenizer(a, b, max_length=length, truncation="longest_first", padding="max_length")
    out.append({"a": a, "b": b, "length": length, "tokens": e["input_ids"], "segments": e["token_type_ids"], "steps": sum(e["attention_mask"])})
print(json.dumps({
    "made_by": f"transformers {__version__}", "vocabulary": vocabulary,
    "texts": [[t, tokenizer.encode(t, add_special_tokens=False)] for t in texts], "pairs": out}, ensure_ascii=True, indent=None, separators=(",", ":")))
