"""Convert dlib's face recognition ResNet to .tflite with float16 weights.

usage: recognition.py dlib_face_recognition_resnet_model_v1.dat OUTPUT.tflite

Input [1,150,150,3]: RGB, (value - mean) / 256. Output [1,128]: the template, not normalised.
The topology is dlib's `anet_type` (dnn_face_recognition_ex.cpp); the file holds layers, not edges.
"""

import pathlib
import sys

import numpy as np

from dlib_file import read_layers
from tflite_file import Graph


class Layers:
    """The layers in forward order, taken one after another with a check of their kind."""

    def __init__(self, layers):
        self.rest = iter([layer for layer in layers if layer["kind"] != "tag"])

    def take(self, kind):
        layer = next(self.rest)
        assert layer["kind"] == kind, f"expected a {kind} layer, found {layer['kind']}"
        return layer


def convolution(graph, layers, source, relu):
    """con + affine (+ relu): the affine layer is folded into weights and bias."""
    con, affine = layers.take("con"), layers.take("affine")
    count, size = con["filters"][0], int(np.prod(con["filters"]))
    flat = con["params"].ravel()
    gamma, beta = affine["params"].ravel()[:count], affine["params"].ravel()[count:]
    weights = flat[:size].reshape(con["filters"]).astype(np.float64) * gamma[:, None, None, None]
    bias = flat[size:].astype(np.float64) * gamma + beta
    if relu:
        layers.take("relu")
    ohwi = np.ascontiguousarray(weights.transpose(0, 2, 3, 1)).astype(np.float32)
    return graph.convolution(source, ohwi, bias.astype(np.float32), con["stride"], same=con["padding"] > 0, relu=relu)


def add(graph, layers, left, right):
    """dlib's add_prev: the smaller operand is extended with zeros in every axis."""
    layers.take("add_prev")
    layers.take("relu")
    shape = np.maximum(graph.shape(left), graph.shape(right))
    return graph.add(graph.pad(left, shape), graph.pad(right, shape), relu=True)


def residual(graph, layers, source):
    inner = convolution(graph, layers, source, relu=True)
    return add(graph, layers, convolution(graph, layers, inner, relu=False), source)


def residual_down(graph, layers, source):
    inner = convolution(graph, layers, source, relu=True)
    main = convolution(graph, layers, inner, relu=False)
    layers.take("avg_pool")
    return add(graph, layers, graph.pool("average", source, size=2, stride=2), main)


def build(layers):
    graph = Graph("dlib_face_recognition_resnet_model_v1")
    value = graph.input("input", (1, 150, 150, 3))
    value = convolution(graph, layers, value, relu=True)
    layers.take("max_pool")
    value = graph.pool("max", value, size=3, stride=2)
    for downs, blocks in ((0, 3), (1, 3), (1, 2), (1, 2), (1, 0)):
        for _ in range(downs):
            value = residual_down(graph, layers, value)
        for _ in range(blocks):
            value = residual(graph, layers, value)
    layers.take("avg_pool")
    value = graph.pool("average", value, size=graph.shape(value)[1], stride=1)
    final = layers.take("fc")
    weights = final["params"].reshape(final["inputs"], final["outputs"]).T
    return graph.finish(graph.fully_connected(value, np.ascontiguousarray(weights)))


if __name__ == "__main__":
    source, target = map(pathlib.Path, sys.argv[1:])
    part = target.with_suffix(".part")
    part.write_bytes(build(Layers(read_layers(source.read_bytes()))))
    part.rename(target)
