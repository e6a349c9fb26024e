"""Writes the node tests of the ONNX project that are single nodes of operators which we read:

    python onnx_nodes.py FOLDER OPERATOR ...

in the layout of the ONNX project: FOLDER/NAME/model.onnx and FOLDER/NAME/test_data_set_0/input_0.pb, output_0.pb and so on.
Needs the package onnx. An operator that has not changed between its opset and the nearest that we read, or to whose kinds of
numbers others have been added, is written for that one.
"""
import os
import sys
import warnings

import onnx
from onnx import numpy_helper

warnings.filterwarnings("ignore")
from onnx.backend.test.case.node import collect_testcases  # noqa: E402 (it warns)

OLDEST, NEWEST = 13, 23
KINDS_ADDED = {"Cast", "CastLike", "Constant", "ConstantOfShape", "Flatten", "Identity", "Mod", "Pad", "Range", "Reshape", "Shape", "Squeeze", "Transpose", "Unsqueeze"}


def written(folder, case):
    node, opsets = case.model.graph.node[0], case.model.opset_import
    nearest = min(max(opsets[0].version, OLDEST), NEWEST)
    now, then = (onnx.defs.get_schema(node.op_type, v, "").since_version for v in (opsets[0].version, nearest))
    if now == then or node.op_type in KINDS_ADDED:
        opsets[0].version = nearest
    place = os.path.join(folder, case.name, "test_data_set_0")
    os.makedirs(place, exist_ok=True)
    with open(os.path.join(folder, case.name, "model.onnx"), "wb") as f:
        f.write(case.model.SerializeToString())
    for name, arrays in zip(("input", "output"), case.data_sets[0]):
        for k, a in enumerate(arrays):
            t = a if isinstance(a, onnx.TensorProto) else numpy_helper.from_array(a)
            with open(os.path.join(place, f"{name}_{k}.pb"), "wb") as f:
                f.write(t.SerializeToString())


def main(folder, operators):
    for case in collect_testcases(None):
        nodes = case.model.graph.node
        if len(nodes) == 1 and nodes[0].op_type in operators and case.data_sets:
            try:
                written(folder, case)
            except (TypeError, ValueError, AttributeError) as e:  # sequences and the like are no tensors
                print(f"{case.name}: {e}", file=sys.stderr)


main(sys.argv[1], set(sys.argv[2:]))
