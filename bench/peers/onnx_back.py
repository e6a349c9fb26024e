"""Compares what onnxruntime computes of networks that were written back as ONNX with our outputs:

    BREAKEVEN_ONNX_FOLDER=/tmp/back go test -count=1 -run TestSave ./onnx && python onnx_back.py /tmp/back

Needs numpy and onnxruntime. Prints the largest difference of each, relative to 1 + |output|, and fails above 1e-5.
"""
import glob
import json
import sys

import numpy as np
import onnxruntime

worst = 0
for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
    case = json.load(open(path + ".json"))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    port = session.get_inputs()[0]
    if case["integers"] is not None:
        x = np.array(case["integers"], np.int64)
    else:
        x = np.array(case["numbers"], np.float32)
    y = session.run(None, {port.name: x.reshape(case["shape"])})[0].reshape(-1)
    ours = np.array(case["outputs"])
    if "/cnn-" in path:  # its log-softmax is left out
        ours = ours.reshape(case["shape"][0], -1)
        ours = (ours - np.log(np.exp(ours).sum(1, keepdims=True))).reshape(-1)
    difference = np.max(np.abs(y - ours) / (1 + np.abs(y)))
    worst = max(worst, difference)
    print(f"{difference:.1e}  {path}")
sys.exit(f"they differ by {worst:.1e}" if not worst <= 1e-5 else 0)
