# Writes the fixtures of Python 3 beside it: pN.pkl for each protocol N.
#
#     pip install numpy scipy
#     python gen.py
import collections
import pickle

import numpy as np
import scipy.sparse as sp

for protocol in range(6):
    graph = collections.defaultdict(list)
    graph[0].append(1)
    graph[2] = [0, 1]
    cycle = [1]
    cycle.append(cycle)
    m = sp.csr_matrix(np.array([[0, 1.5, 0], [2, 0, 0]], dtype="f4"))
    values = {
        "none": None, "true": True, "false": False,
        "ints": [0, 1, -1, 255, 256, 65535, 65536, -2**31, 2**31, 2**63 - 1, -2**63, 2**63, -2**70],
        "floats": [0.0, -1.5, 1e300, float("inf")],
        "texts": ["", "a", "é\n\\", "\u20ac", "😀", "'\""],
        "bytes": [b"", b"\x00\xff'"],
        "bytearray": bytearray(b"ab"),
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
        "set": {1}, "frozenset": frozenset([2]),
        "keys": {1: "a", "b": 2, (1, "x"): 3, None: 4, 2.5: 5, b"c": 6},
        "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
        "graph": graph,
        "cycle": cycle,
        "shared": [cycle, cycle],
        "array": np.arange(6, dtype="f4").reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6, dtype="f8").reshape(2, 3)),
        "big": np.arange(3, dtype=">i4"),
        "bools": np.array([True, False]),
        "halves": np.array([1.5, -2], dtype="f2"),
        "scalars": [np.float64(1.5), np.int32(-7), np.bool_(True), np.str_("x")],
        "empty": np.zeros((0, 3)),
        "csr": m,
        "csr_array": sp.csr_array(m),
    }
    with open(f"p{protocol}.pkl", "wb") as f:
        pickle.dump(values, f, protocol)

# What is refused.
class Evil:
    def __reduce__(self):
        import os
        return os.system, ("echo this was run",)

with open("evil.pkl", "wb") as f:
    pickle.dump([1, Evil()], f)
with open("objects.pkl", "wb") as f:
    pickle.dump(np.array([None, "x"], dtype=object), f)
with open("records.pkl", "wb") as f:
    pickle.dump(np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), f)
with open("csc.pkl", "wb") as f:
    pickle.dump(sp.csc_matrix(m), f)
