"""Convert dlib's face recognition ResNet to .tflite with float16 weights.

Input [1,150,150,3]: RGB as (value - mean) / 256. Output [1,128]: the template, not normalised.
The source holds layers, not edges; the edges are those of dlib's example dnn_face_recognition_ex.cpp.
"""

from array import array

from dlib_file import read_layers
from tflite_file import AVERAGE_POOL, MAX_POOL, Graph

# From the input on: does the level halve the picture, and how many plain residual blocks follow.
LEVELS = [(False, 3), (True, 3), (True, 2), (True, 2), (True, 0)]


def convert(data):
    """The bytes of the .tflite file made from those of dlib's."""
    layers, graph = Layers(data), Graph("dlib_face_recognition_resnet_model_v1", (1, 150, 150, 3))
    value = convolution(graph, layers, graph.input, relu=True)
    layers.take("max_pool_2")
    value = graph.pool(MAX_POOL, value, size=3, stride=2)
    for halves, blocks in LEVELS:
        if halves:
            value = halving_block(graph, layers, value)
        for _ in range(blocks):
            value = residual_block(graph, layers, value)
    layers.take("avg_pool_2")
    value = graph.pool(AVERAGE_POOL, value, size=graph.shape(value)[1], stride=1)
    value = fully_connected(graph, layers.take("fc_2"), value)
    layers.finish()
    return graph.file(value)


class Layers:
    """The layers in forward order; each is taken by the kind that the topology expects."""

    def __init__(self, data):
        self.rest = iter(read_layers(data))

    def take(self, kind):
        layer = next(self.rest, {"kind": "the end"})
        if layer["kind"] != kind:
            raise ValueError(f"{kind} expected, found {layer['kind']}")
        return layer

    def finish(self):
        for layer in self.rest:
            raise ValueError(f"{layer['kind']} is left over")


def convolution(graph, layers, source, relu):
    """The affine layer after each convolution is folded into its weights and bias."""
    layer, affine = layers.take("con_4"), layers.take("affine_")["parameters"]
    count, channels, height, width = layer["filters"]
    scale, shift = affine[:count], affine[count:]
    area, parameters = height * width, layer["parameters"]
    weights, size = array("d"), channels * area
    for index in range(count):
        scaled = array("d", (weight * scale[index] for weight in parameters[index * size:(index + 1) * size]))
        for pixel in range(area):  # dlib stores channel by channel, TensorFlow Lite pixel by pixel
            weights.extend(scaled[pixel::area])
    bias = [bias * factor + term for bias, factor, term in zip(parameters[count * size:], scale, shift)]
    if relu:
        layers.take("relu_")
    shape = (count, height, width, channels)
    return graph.convolution(source, weights, bias, shape, layer["stride"], same=layer["padding"] > 0, relu=relu)


def residual_block(graph, layers, source):
    inner = convolution(graph, layers, source, relu=True)
    return add(graph, layers, convolution(graph, layers, inner, relu=False), source)


def halving_block(graph, layers, source):
    inner = convolution(graph, layers, source, relu=True)
    outer = convolution(graph, layers, inner, relu=False)
    layers.take("avg_pool_2")
    return add(graph, layers, outer, graph.pool(AVERAGE_POOL, source, size=2, stride=2))


def add(graph, layers, left, right):
    """dlib extends the smaller operand with zeros in every axis: channels, and rows and columns too."""
    layers.take("add_prev_")
    layers.take("relu_")
    shape = tuple(map(max, graph.shape(left), graph.shape(right)))
    return graph.add(graph.pad(left, shape), graph.pad(right, shape), relu=True)


def fully_connected(graph, layer, source):
    """dlib stores the weights input by input, TensorFlow Lite output by output."""
    outputs, inputs = layer["outputs"], layer["inputs"]
    weights = array("f")
    for index in range(outputs):
        weights.extend(layer["parameters"][index:outputs * inputs:outputs])
    return graph.fully_connected(source, weights, (outputs, inputs))
