"""Read dlib's serialised networks: the layers of dlib_face_recognition_resnet_model_v1.dat, to the last byte."""

import numpy as np


class Reader:
    """dlib's primitive encodings (dlib/serialize.h)."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        assert self.at <= len(self.data), "the file is truncated"
        return self.data[self.at - count:self.at]

    def integer(self):
        """One control byte (low nibble: size, bit 7: sign), then the magnitude, little-endian."""
        control = self.take(1)[0]
        value = int.from_bytes(self.take(control & 15), "little")
        return -value if control & 128 else value

    def text(self):
        return self.take(self.integer()).decode()

    def real(self):
        """mantissa * 2^exponent."""
        mantissa, exponent = self.integer(), self.integer()
        return mantissa * 2.0 ** exponent

    def boolean(self):
        return self.take(1) == b"1"

    def alias(self):
        """The shape of a tensor that is stored elsewhere."""
        assert self.integer() == 1
        return tuple(self.integer() for _ in range(4))

    def tensor(self):
        assert self.integer() == 2
        shape = tuple(self.integer() for _ in range(4))
        return np.frombuffer(self.take(4 * int(np.prod(shape))), "<f4").reshape(shape)


def read_details(reader):
    """One layer's own parameters."""
    kind = reader.text()
    if kind == "con_4":
        layer = {"kind": "con", "params": reader.tensor()}
        _, _, _, layer["stride"], _, layer["padding"], _ = (reader.integer() for _ in range(7))
        layer["filters"] = reader.alias()
        reader.alias()
        [reader.real() for _ in range(4)]
        return layer
    if kind == "affine_":
        layer = {"kind": "affine", "params": reader.tensor()}
        reader.alias(), reader.alias(), reader.integer()
        return layer
    if kind in ("max_pool_2", "avg_pool_2"):
        [reader.integer() for _ in range(6)]
        return {"kind": kind[:8]}
    if kind == "fc_2":
        outputs, inputs = reader.integer(), reader.integer()
        layer = {"kind": "fc", "outputs": outputs, "inputs": inputs, "params": reader.tensor()}
        reader.alias(), reader.alias(), reader.integer(), [reader.real() for _ in range(4)]
        return layer
    assert kind in ("relu_", "add_prev_"), f"unknown layer {kind}"
    return {"kind": kind.rstrip("_")}


def read_layers(data):
    """The layers in forward order; `tag` stands for dlib's tag and skip layers, which store nothing."""
    reader = Reader(data)
    assert reader.integer() == 1 and reader.text() == "loss_metric_2"
    reader.real(), reader.real()
    versions = []
    while not versions or versions[-1] != 3:
        versions.append(reader.integer())
    assert reader.text() == "input_rgb_image_sized"
    [reader.real() for _ in range(3)], reader.integer(), reader.integer()
    layers = [read_details(reader)]
    read_state(reader)
    reader.integer()
    for version in reversed(versions[:-1]):
        if version == 1:
            layers.append({"kind": "tag"})
        else:
            layers.append(read_details(reader))
            read_state(reader)
    assert reader.at == len(data), f"{len(data) - reader.at} bytes are left over"
    return layers


def read_state(reader):
    """What training leaves behind in every layer: three flags and three tensors, empty here."""
    [reader.boolean() for _ in range(3)], [reader.tensor() for _ in range(3)]
