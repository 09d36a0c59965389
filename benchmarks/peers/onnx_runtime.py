"""ONNX Runtime: the network as a file for prediction, run by an engine that does nothing else.

It cannot train, and takes part in prediction only.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import onnxruntime
from measuring.machine import processors
from onnx import helper, numpy_helper

from .task import Array, Task


class OnnxRuntime:
    """An `InferenceSession` on one `Gemm` and one `Sigmoid` a layer."""

    name: ClassVar[str] = "ONNX Runtime"
    output: ClassVar[Literal["sigmoid", "linear"]] = "sigmoid"

    def __init__(self, task: Task) -> None:
        nodes, constants, last = [], [], "x"
        for i, (w, b) in enumerate(task.layers):
            constants += [numpy_helper.from_array(w, f"w{i}"), numpy_helper.from_array(b, f"b{i}")]
            nodes += [
                helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [f"h{i}"]),
                helper.make_node("Sigmoid", [f"h{i}"], [f"y{i}"]),
            ]
            last = f"y{i}"
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(task.dtype))
        x = helper.make_tensor_value_info("x", kind, [None, task.widths[0]])
        y = helper.make_tensor_value_info(last, kind, [None, task.widths[-1]])
        graph = helper.make_graph(nodes, "mlp", [x], [y], constants)
        # The newest that the engine reads may be older than the newest that onnx writes.
        opset = helper.make_opsetid("", 17)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=8)

        options = onnxruntime.SessionOptions()
        # It would count all of the machine's processors, also those this process may not use.
        options.intra_op_num_threads = processors()
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def predict(self, x: Array) -> Array:
        """Give the outputs."""
        return self.session.run(None, {"x": x})[0]
