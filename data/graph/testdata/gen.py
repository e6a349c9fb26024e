# Writes the fixtures beside it: the tiny graph of the tests as SciPy and NumPy keep it in npz
# files. sparse.npz is in the layout that PyTorch Geometric downloads, with the names of nodes as
# pickled objects; gust.npz has the names of older files.
#
#     pip install numpy scipy
#     python gen.py
import numpy as np
import scipy.sparse as sp

adj = sp.csr_matrix(np.array([[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]], dtype="f4"))
attr = sp.csr_matrix(np.array([[1, 0, 1], [0, 0.5, -3], [0, 0, 0], [2, 0, 0]], dtype="f4"))
labels = np.array([0, 1, 0, -1])
train, valid, test = np.array([1]), np.array([0]), np.array([2])


def parts(prefix, m):
    return {prefix + name: getattr(m, name) for name in ["data", "indices", "indptr", "shape"]}


np.savez_compressed("sparse.npz", **parts("adj_", adj), **parts("attr_", attr), labels=labels,
                    node_names=np.array(["a", "b", "c", None], dtype=object),
                    train_idx=train, val_idx=valid, test_idx=test)
np.savez("gust.npz", **parts("adj_matrix.", adj), **parts("attr_matrix.", attr), labels=labels.astype("f8"),
         idx_train=train.astype("i2"), idx_val=valid.astype("u1"), idx_test=test)
mask = lambda nodes: np.isin(np.arange(4), nodes)
np.savez("dense.npz", edge_index=np.stack(adj.tocoo().coords).astype("i8"), x=np.asfortranarray(attr.toarray().astype("f8")),
         y=labels[:, None], train_mask=mask(train), val_mask=mask(valid), test_mask=mask(test))
