# Writes the fixtures of Python 2.7 beside it, with old versions of NumPy and SciPy:
# old-N.pkl for each protocol N, and ind.tiny.*, a graph of 7 nodes as Planetoid
# (github.com/kimiyoung/planetoid) keeps its data sets.
#
#     python2.7 -m pip install "numpy<1.17" "scipy<1.3"
#     python2.7 gen2.py
import collections
import cPickle
import pickle

import numpy as np
import scipy.sparse as sp

for protocol in range(3):
    graph = collections.defaultdict(list)
    graph[0].append(1)
    values = {
        "text": "it's\n\\ \xe9\x00", u"unicode": u"\u20ac \xe9 \U0001f600 \\u",
        "ints": [0, -1, 2**31, 2**63, 12L],
        "float": 1.5, "bool": [True, False],
        "graph": graph,
        "set": set([1]),
        "array": np.arange(6, dtype="f4").reshape(2, 3),
        "scalar": np.float32(2.5),
        "csr": sp.csr_matrix(np.array([[0, 1.5, 0], [2, 0, 0]], dtype="f4")),
    }
    with open("old-%d.pkl" % protocol, "wb") as f:
        (cPickle if protocol else pickle).dump(values, f, protocol)

# Nodes 0 and 1 are labelled, 2 and 3 are not, 4 and 6 are for the test; 5 is missing.
features = sp.csr_matrix(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]], dtype="f4"))
labels = np.eye(2, dtype="i4")[[0, 1, 0, 1, 1, 0]]
edges = collections.defaultdict(list)
for u, v in [(0, 1), (0, 2), (1, 3), (2, 4), (3, 6), (5, 5)]:
    edges[u].append(v)
    edges[v].append(u)
parts = {"x": features[:2], "y": labels[:2], "allx": features[:4], "ally": labels[:4],
         "tx": features[4:], "ty": labels[4:], "graph": edges}
for name, part in parts.items():
    with open("ind.tiny." + name, "wb") as f:
        cPickle.dump(part, f, 2)
with open("ind.tiny.test.index", "w") as f:
    f.write("6\n4\n")
