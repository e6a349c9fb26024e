"""What all peers share: the folder of inputs, the threads, and how a work looks.

A work is a function of a request. It prepares, and returns a pair: `run`, which
is timed and returns a function that makes the numbers to hold against ours, and
`reset`, which undoes what a run has changed; neither of these is timed.
"""

import os
import sys

import numpy as np

DIR, THREADS = sys.argv[1], int(sys.argv[2])


def load(name, count=None):
    """The array NAME.npy, or its first elements; only those take memory."""
    return np.array(np.load(os.path.join(DIR, name + ".npy"), mmap_mode="r")[:count])


def nothing():
    """The reset of a work that changes nothing."""


def fingerprint(x):
    """Norms that tell order and sign: of the array, and of its positive elements with weights."""
    x = x.reshape(-1).astype(np.float64)
    positive = np.maximum(x, 0)
    return [float(np.linalg.norm(x)), float(np.sqrt(positive @ (positive * (np.arange(x.size) % 1009))))]


def shapes_simplecnn():
    """Parameter shapes in the order of the flat vector."""
    conv = [(32, 3), (32, 32), (64, 32), (64, 64)]
    dense = [(128, 4096), (10, 128)]
    return [s for o, i in conv for s in ((o, i, 3, 3), (o,))] + [s for o, i in dense for s in ((o, i), (o,))]
