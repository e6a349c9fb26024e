"""A peer of the comparison, in a process of its own.

    worker.py FOLDER THREADS PEER

The driver (bench/compare) writes a request on a line, a JSON object with the
name of a work, and reads a line back: the seconds that the work took, numbers
that it made, and the peak memory of this process so far. Inputs stand in the
folder as .npy files.
"""

import importlib
import json
import os
import sys
import time

MODULES = {
    "OpenBLAS": "blas_works",
    "PyTorch": "torch_works",
    "torch.compile": "torch_works",
    "torch.func.vmap": "torch_works",
    "BackPACK": "curvature_works",
    "PyHessian": "curvature_works",
    "curvlinops": "curvature_works",
    "PyTorch Geometric": "torch_works",
    "neural-tangents": "jax_works",
    "JAX": "jax_hierarchy",
}


def peak():
    """Peak resident memory in bytes, 0 where the system does not tell.

    Not ru_maxrss, which begins with the peak of the process that started us.
    """
    try:
        with open("/proc/self/status") as f:
            return next(int(line.split()[1]) << 10 for line in f if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0


SETTLE = 0.1  # seconds; as in bench/compare


def timed(run, reset):
    """The seconds that a run takes once the process has settled."""
    since = time.perf_counter()
    while True:
        reset()
        begin = time.perf_counter()
        numbers = run()
        seconds = time.perf_counter() - begin
        if begin - since >= SETTLE or seconds >= SETTLE:
            return seconds, numbers


def answers(works, requests):
    """Yields an answer to each request; a work is prepared once in a row."""
    prepared, work = None, None
    for line in requests:
        try:
            if line != prepared:
                work = None
                request = json.loads(line)
                work, prepared = works[request["work"]](request), line
            seconds, numbers = timed(*work)
            yield {"seconds": seconds, "numbers": numbers(), "peak": peak()}
        except Exception as e:  # the driver reports what a peer cannot do
            prepared = None
            yield {"error": f"{type(e).__name__}: {' '.join(str(e).split())[:300]}"}


def main():
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is not an answer
    peer = sys.argv[3]
    try:
        works = importlib.import_module(MODULES[peer]).works(peer)
        said = answers(works, sys.stdin)
    except Exception as e:
        failure = {"error": f"{type(e).__name__}: {e}"}
        said = (failure for _ in sys.stdin)
    for answer in said:
        print(json.dumps(answer), file=out, flush=True)


main()
