"""Read dlib's serialised face recognition network, to the last byte."""

import math
import struct
from array import array


class Reader:
    """dlib's primitive encodings (dlib/serialize.h)."""

    def __init__(self, data):
        self.data, self.position = data, 0

    def bytes(self, count):
        start, self.position = self.position, self.position + count
        if self.position > len(self.data):
            raise ValueError("the file ends too early")
        return self.data[start:self.position]

    def integer(self):
        """One control byte (low nibble: size, bit 7: sign), then the magnitude, little-endian."""
        control = self.bytes(1)[0]
        magnitude = int.from_bytes(self.bytes(control & 15), "little")
        return -magnitude if control & 128 else magnitude

    def integers(self, count):
        return [self.integer() for _ in range(count)]

    def real(self):
        mantissa, exponent = self.integers(2)
        return mantissa * 2.0**exponent

    def reals(self, count):
        return [self.real() for _ in range(count)]

    def text(self):
        return self.bytes(self.integer()).decode()

    def alias(self):
        """The shape of a part of another tensor."""
        self.expect(self.integer(), 1)
        return self.integers(4)

    def tensor(self):
        self.expect(self.integer(), 2)
        count = math.prod(self.integers(4))
        return array("f", struct.unpack(f"<{count}f", self.bytes(4 * count)))

    def expect(self, found, expected):
        if found != expected:
            raise ValueError(f"{expected!r} expected before byte {self.position}, found {found!r}")


def read_layer(reader):
    """One layer's own parameters; what the converter does not need is read and dropped."""
    kind = reader.text()
    layer = {"kind": kind}
    if kind == "con_4":
        layer["parameters"] = reader.tensor()
        _, _, _, layer["stride"], _, layer["padding"], _ = reader.integers(7)
        layer["filters"] = reader.alias()
        reader.alias()
        reader.reals(4)
    elif kind == "affine_":
        layer["parameters"] = reader.tensor()
        reader.alias()
        reader.alias()
        reader.integer()
    elif kind in ("max_pool_2", "avg_pool_2"):
        reader.integers(6)
    elif kind == "fc_2":
        layer["outputs"], layer["inputs"] = reader.integers(2)
        layer["parameters"] = reader.tensor()
        reader.alias()
        reader.alias()
        reader.integer()
        reader.reals(4)
    elif kind not in ("relu_", "add_prev_"):
        raise ValueError(f"unknown layer {kind}")
    return layer


def skip_training_state(reader):
    """Three flags and three tensors that training leaves behind in every layer."""
    reader.bytes(3)
    for _ in range(3):
        reader.tensor()


def read_layers(data):
    """The layers in forward order, without dlib's tags and skips: those store nothing but a version."""
    reader = Reader(data)
    reader.expect(reader.integer(), 1)
    reader.expect(reader.text(), "loss_metric_2")
    reader.reals(2)
    versions = [reader.integer()]  # of the nested layers, outermost first; 3 is the innermost, 1 a tag or skip
    while versions[-1] != 3:
        versions.append(reader.integer())
    reader.expect(reader.text(), "input_rgb_image_sized")
    reader.reals(3)
    reader.integers(2)
    layers = []
    for version in reversed(versions):
        if version == 1:
            continue
        layers.append(read_layer(reader))
        skip_training_state(reader)
        if version == 3:
            reader.integer()
    reader.expect(reader.position, len(data))
    return layers
