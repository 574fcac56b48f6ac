"""Assemble the ONNX graph of all-MiniLM-L6-v2 from its weights, without torch.

The graph takes input_ids and attention_mask (batch x sequence) and gives unit vectors:
embeddings, six transformer layers, mean pooling over the mask, L2 norm.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

if TYPE_CHECKING:
    Array = npt.NDArray[np.float32]

LAYERS, HEADS, WIDTH = 6, 12, 384
_HEAD = WIDTH // HEADS
_EPSILON = 1e-12
_OPSET = 17


class _Graph:
    """Nodes and initializers, with a fresh name for every output."""

    def __init__(self, weights: Mapping[str, "Array"]) -> None:
        self.weights = weights
        self.nodes: list[NodeProto] = []
        self.initializers: dict[str, TensorProto] = {}

    def constant(self, name: str, value: "npt.NDArray[np.generic]") -> str:
        """Keep a value under a name, once."""
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def ints(self, *values: int) -> str:
        """An int64 vector, as shapes, axes and ranges are given."""
        return self.constant("ints_" + "_".join(map(str, values)), np.array(values, np.int64))

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output and give that output's name."""
        return self.ops(kind, 1, *inputs, **attributes)[0]

    def ops(self, kind: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        """Add a node with several outputs."""
        base = f"{kind}_{len(self.nodes)}"
        names = [f"{base}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, name=base, **attributes))
        return names

    def linear(self, x: str, *names: str) -> str:
        """One product for all layers that read the same input."""
        key = "+".join(names)
        weight = np.concatenate([self.weights[f"{n}.weight"] for n in names]).T
        bias = np.concatenate([self.weights[f"{n}.bias"] for n in names])
        product = self.op("MatMul", x, self.constant(f"{key}.weight", weight))
        return self.op("Add", product, self.constant(f"{key}.bias", bias))

    def norm(self, x: str, name: str) -> str:
        """Layer normalisation over the last axis."""
        weight = self.constant(f"{name}.weight", self.weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.op("LayerNormalization", x, weight, bias, axis=-1, epsilon=_EPSILON)

    def scalar(self, name: str, value: float) -> str:
        """A float32 scalar."""
        return self.constant(name, np.array(value, np.float32))


def _embeddings(g: _Graph) -> str:
    words = g.constant("words", g.weights["embeddings.word_embeddings.weight"])
    # There is one segment only, so its embedding is folded into the positions.
    positions = g.constant(
        "positions",
        g.weights["embeddings.position_embeddings.weight"]
        + g.weights["embeddings.token_type_embeddings.weight"][0],
    )
    length = g.op("Slice", g.op("Shape", "input_ids"), g.ints(1), g.ints(2))
    placed = g.op("Slice", positions, g.ints(0), length, g.ints(0))
    return g.norm(g.op("Add", g.op("Gather", words, "input_ids"), placed), "embeddings.LayerNorm")


def _attention(g: _Graph, x: str, bias: str, layer: str) -> str:
    names = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
    parts = g.ops("Split", 3, g.linear(x, *names), g.ints(WIDTH, WIDTH, WIDTH), axis=-1)
    shape = g.ints(0, 0, HEADS, _HEAD)
    query, key, value = (g.op("Reshape", part, shape) for part in parts)
    query = g.op("Transpose", query, perm=[0, 2, 1, 3])
    key = g.op("Transpose", key, perm=[0, 2, 3, 1])
    value = g.op("Transpose", value, perm=[0, 2, 1, 3])
    scores = g.op("Mul", g.op("MatMul", query, key), g.scalar("scale", 1 / math.sqrt(_HEAD)))
    mixed = g.op("MatMul", g.op("Softmax", g.op("Add", scores, bias), axis=-1), value)
    joined = g.op("Reshape", g.op("Transpose", mixed, perm=[0, 2, 1, 3]), g.ints(0, 0, WIDTH))
    out = g.linear(joined, f"{layer}.attention.output.dense")
    return g.norm(g.op("Add", out, x), f"{layer}.attention.output.LayerNorm")


def _feed_forward(g: _Graph, x: str, layer: str) -> str:
    wide = g.linear(x, f"{layer}.intermediate.dense")
    # The exact gelu, in the form that onnxruntime fuses into one kernel.
    erf = g.op("Erf", g.op("Div", wide, g.scalar("sqrt2", math.sqrt(2))))
    gelu = g.op("Mul", wide, g.op("Add", erf, g.scalar("one", 1.0)))
    gelu = g.op("Mul", gelu, g.scalar("half", 0.5))
    return g.norm(
        g.op("Add", g.linear(gelu, f"{layer}.output.dense"), x), f"{layer}.output.LayerNorm"
    )


def _pool(g: _Graph, x: str, mask: str) -> str:
    weights = g.op("Unsqueeze", mask, g.ints(2))
    total = g.op("ReduceSum", g.op("Mul", x, weights), g.ints(1), keepdims=0)
    mean = g.op("Div", total, g.op("ReduceSum", weights, g.ints(1), keepdims=0))
    return g.op("Div", mean, g.op("ReduceL2", mean, axes=[1], keepdims=1))


def assemble(weights: Mapping[str, "Array"]) -> ModelProto:
    """Build the fp32 model from the tensors of model.safetensors."""
    g = _Graph(weights)
    mask = g.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    absent = g.op("Sub", g.scalar("one", 1.0), g.op("Unsqueeze", mask, g.ints(1, 2)))
    bias = g.op("Mul", absent, g.scalar("minus_much", -10000.0))
    x = _embeddings(g)
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        x = _feed_forward(g, _attention(g, x, bias, layer), layer)
    g.nodes.append(helper.make_node("Identity", [_pool(g, x, mask)], ["embedding"]))
    ids, batch = TensorProto.INT64, ["batch", "sequence"]
    model = helper.make_model(
        helper.make_graph(
            g.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info(n, ids, batch) for n in ("input_ids", "attention_mask")],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", WIDTH])],
            initializer=list(g.initializers.values()),
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=8,
        producer_name="memoriesdb",
    )
    checker.check_model(model)
    return model
