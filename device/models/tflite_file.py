"""Write a .tflite file: just the operators that recognition.py needs (TensorFlow Lite schema version 3)."""

import flatbuffers
import numpy as np

FLOAT32, FLOAT16, INT32 = 0, 1, 2
SAME, VALID = 0, 1
ADD, AVERAGE_POOL, CONVOLUTION, DEQUANTIZE, FULLY_CONNECTED, MAX_POOL, PAD = 0, 1, 3, 6, 9, 17, 34
# Members of the schema's BuiltinOptions union.
OPTIONS = {CONVOLUTION: 1, AVERAGE_POOL: 5, MAX_POOL: 5, FULLY_CONNECTED: 8, ADD: 11, PAD: 22, DEQUANTIZE: 46}
TYPES = {np.dtype(np.float32): FLOAT32, np.dtype(np.float16): FLOAT16, np.dtype(np.int32): INT32}


class Graph:
    """One subgraph; values are tensor numbers, shapes are NHWC."""

    def __init__(self, name):
        self.name, self.tensors, self.operators, self.inputs = name, [], [], []

    def shape(self, value):
        return self.tensors[value][1]

    def tensor(self, name, shape, data=None):
        kind = FLOAT32 if data is None else TYPES[data.dtype]
        self.tensors.append((name, tuple(int(size) for size in shape), kind, data))
        return len(self.tensors) - 1

    def input(self, name, shape):
        self.inputs.append(self.tensor(name, shape))
        return self.inputs[-1]

    def operator(self, code, inputs, shape, options=()):
        """`options`: the fields of the operator's table, in the order of the schema, as (kind, value)."""
        output = self.tensor(f"value{len(self.operators)}", shape)
        self.operators.append((code, inputs, output, options))
        return output

    def half(self, name, data):
        """A constant that is stored as float16 behind DEQUANTIZE."""
        stored = self.tensor(name, data.shape, data.astype(np.float16))
        return self.operator(DEQUANTIZE, [stored], data.shape)

    def convolution(self, source, weights, bias, stride, same, relu):
        count, height, _, _ = weights.shape
        side = self.shape(source)[1]
        side = side if same else (side - height) // stride + 1
        inputs = [source, self.half("weights", weights), self.tensor("bias", bias.shape, bias)]
        padding = SAME if same else VALID
        options = [("Int8", padding), ("Int32", stride), ("Int32", stride), ("Int8", int(relu))]
        return self.operator(CONVOLUTION, inputs, (1, side, side, count), options)

    def pool(self, kind, source, size, stride):
        _, side, _, channels = self.shape(source)
        side = (side - size) // stride + 1
        options = [("Int8", VALID)] + [("Int32", value) for value in (stride, stride, size, size)]
        code = MAX_POOL if kind == "max" else AVERAGE_POOL
        return self.operator(code, [source], (1, side, side, channels), options)

    def pad(self, source, shape):
        """Appends zeros until `source` has `shape`."""
        if tuple(shape) == self.shape(source):
            return source
        padding = np.array([(0, want - have) for want, have in zip(shape, self.shape(source))], np.int32)
        return self.operator(PAD, [source, self.tensor("padding", padding.shape, padding)], shape)

    def add(self, left, right, relu):
        return self.operator(ADD, [left, right], self.shape(left), [("Int8", int(relu))])

    def fully_connected(self, source, weights):
        inputs = [source, self.half("weights", weights), -1]
        return self.operator(FULLY_CONNECTED, inputs, (1, weights.shape[0]), [("Int8", 0)])

    def finish(self, output):
        """The file's bytes; the same graph gives the same bytes."""
        writer = Writer()
        buffers = [writer.table([])]
        for _, _, _, data in self.tensors:
            if data is not None:
                buffers.append(writer.table([("Offset", writer.data(data.tobytes()))]))
        codes = sorted({code for code, *_ in self.operators})
        subgraph = writer.table([
            ("Offset", writer.offsets(self.write_tensors(writer))),
            ("Offset", writer.integers(self.inputs)),
            ("Offset", writer.integers([output])),
            ("Offset", writer.offsets([self.write_operator(writer, codes, entry) for entry in self.operators])),
            ("Offset", writer.text("main")),
        ])
        kinds = [writer.table([("Int8", code), None, ("Int32", 1), ("Int32", code)]) for code in codes]
        model = writer.table([
            ("Uint32", 3), ("Offset", writer.offsets(kinds)), ("Offset", writer.offsets([subgraph])),
            ("Offset", writer.text(self.name)), ("Offset", writer.offsets(buffers)),
        ])
        return writer.finish(model)

    def write_tensors(self, writer):
        tensors, buffer = [], 0
        for name, shape, kind, data in self.tensors:
            buffer += data is not None
            tensors.append(writer.table([
                ("Offset", writer.integers(shape)), ("Int8", kind),
                ("Uint32", buffer if data is not None else 0), ("Offset", writer.text(name)),
            ]))
        return tensors

    def write_operator(self, writer, codes, entry):
        code, inputs, output, options = entry
        return writer.table([
            ("Uint32", codes.index(code)), ("Offset", writer.integers(inputs)), ("Offset", writer.integers([output])),
            ("Uint8", OPTIONS[code]), ("Offset", writer.table(options)),
        ])


class Writer:
    """flatbuffers without generated code."""

    def __init__(self):
        self.builder = flatbuffers.Builder(1 << 24)

    def table(self, fields):
        """Fields by slot: (kind, value), or None for one that keeps its default."""
        self.builder.StartObject(len(fields))
        for slot, field in enumerate(fields):
            if field is None:
                continue
            kind, value = field
            if kind == "Offset":
                self.builder.PrependUOffsetTRelativeSlot(slot, value, 0)
            else:
                # The default differs from the value, so that the field is always written.
                getattr(self.builder, f"Prepend{kind}Slot")(slot, value, None)
        return self.builder.EndObject()

    def offsets(self, items):
        self.builder.StartVector(4, len(items), 4)
        for item in reversed(items):
            self.builder.PrependUOffsetTRelative(item)
        return self.builder.EndVector()

    def integers(self, values):
        return self.builder.CreateNumpyVector(np.array(values, np.int32))

    def data(self, data):
        self.builder.StartVector(1, len(data), 16)
        self.builder.head -= len(data)
        self.builder.Bytes[self.builder.head:self.builder.head + len(data)] = data
        return self.builder.EndVector()

    def text(self, text):
        return self.builder.CreateString(text)

    def finish(self, root):
        self.builder.Finish(root, b"TFL3")
        return bytes(self.builder.Output())
