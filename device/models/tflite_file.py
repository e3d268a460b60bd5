"""Write a .tflite file (TensorFlow Lite schema, version 3) with the operators that recognition.py needs."""

import math
import struct

FLOAT32, FLOAT16, INT32 = 0, 1, 2
SAME, VALID = 0, 1
# Operator: (code, version, member of the schema's union BuiltinOptions).
ADD, AVERAGE_POOL, CONVOLUTION, DEQUANTIZE = (0, 1, 11), (1, 1, 5), (3, 1, 1), (6, 3, 38)
FULLY_CONNECTED, MAX_POOL, PAD = (9, 6, 8), (17, 1, 5), (34, 1, 22)


class Graph:
    """One subgraph under construction; a value is a tensor's number, a shape is NHWC."""

    def __init__(self, description, input_shape):
        self.description, self.tensors, self.operators = description, [], []
        self.input = self.tensor("input", input_shape)

    def shape(self, value):
        return self.tensors[value][1]

    def tensor(self, name, shape, kind=FLOAT32, data=None):
        self.tensors.append((name, tuple(shape), kind, data))
        return len(self.tensors) - 1

    def operator(self, operator, inputs, shape, *options):
        """`options` are the fields of the operator's options table in the order of the schema."""
        output = self.tensor(f"value{len(self.operators)}", shape)
        self.operators.append((operator, inputs, output, options))
        return output

    def weights(self, values, shape):
        """Constants kept as float16 and widened by the interpreter."""
        data = struct.pack(f"<{len(values)}e", *values)
        return self.operator(DEQUANTIZE, [self.tensor("weights", shape, FLOAT16, data)], shape)

    def convolution(self, source, weights, bias, shape, stride, same, relu):
        """`weights` in the order output, height, width, input, as `shape` says."""
        side = self.shape(source)[1] if same else (self.shape(source)[1] - shape[1]) // stride + 1
        bias = self.tensor("bias", (shape[0],), FLOAT32, struct.pack(f"<{len(bias)}f", *bias))
        return self.operator(
            CONVOLUTION, [source, self.weights(weights, shape), bias], (1, side, side, shape[0]),
            ("b", SAME if same else VALID), ("i", stride), ("i", stride), ("b", int(relu)))

    def pool(self, operator, source, size, stride):
        _, side, _, channels = self.shape(source)
        side = (side - size) // stride + 1
        return self.operator(
            operator, [source], (1, side, side, channels),
            ("b", VALID), ("i", stride), ("i", stride), ("i", size), ("i", size))

    def pad(self, source, shape):
        """Appends zeros to every axis until `source` has the shape."""
        if self.shape(source) == shape:
            return source
        missing = [wanted - present for wanted, present in zip(shape, self.shape(source))]
        padding = struct.pack("<8i", *(number for count in missing for number in (0, count)))
        return self.operator(PAD, [source, self.tensor("padding", (4, 2), INT32, padding)], shape)

    def add(self, left, right, relu):
        return self.operator(ADD, [left, right], self.shape(left), ("b", int(relu)))

    def fully_connected(self, source, weights, shape):
        return self.operator(FULLY_CONNECTED, [source, self.weights(weights, shape), -1], (1, shape[0]), ("b", 0))

    def file(self, output):
        """The bytes of the file; equal graphs give equal bytes."""
        buffers = FlatBuffer()
        operators = sorted({entry[0] for entry in self.operators})
        constants = [buffers.table()] + [
            buffers.table(("offset", buffers.vector(data, len(data), alignment=16)))
            for _, _, _, data in self.tensors if data is not None]
        subgraph = buffers.table(
            ("offset", buffers.offsets(self.write_tensors(buffers))),
            ("offset", buffers.integers([self.input])), ("offset", buffers.integers([output])),
            ("offset", buffers.offsets([self.write_operator(buffers, operators, *entry) for entry in self.operators])),
            ("offset", buffers.text("main")))
        codes = [buffers.table(("b", code), None, ("i", version), ("i", code)) for code, version, _ in operators]
        return buffers.file(b"TFL3", buffers.table(
            ("I", 3), ("offset", buffers.offsets(codes)), ("offset", buffers.offsets([subgraph])),
            ("offset", buffers.text(self.description)), ("offset", buffers.offsets(constants))))

    def write_tensors(self, buffers):
        written, constants = [], 0
        for name, shape, kind, data in self.tensors:
            constants += data is not None
            written.append(buffers.table(
                ("offset", buffers.integers(shape)), ("b", kind),
                ("I", 0 if data is None else constants), ("offset", buffers.text(name))))
        return written

    def write_operator(self, buffers, operators, operator, inputs, output, options):
        return buffers.table(
            ("I", operators.index(operator)),
            ("offset", buffers.integers(inputs)), ("offset", buffers.integers([output])),
            ("B", operator[2]), ("offset", buffers.table(*options)))


class FlatBuffer:
    """A FlatBuffers writer. It grows from the end of the file to its start; a place counts from the end."""

    def __init__(self):
        self.pieces, self.place = [], 0

    def align(self, alignment, size=0):
        """Pads so that a piece of `size` bytes starts aligned."""
        self.put(bytes(-(self.place + size) % alignment))

    def put(self, piece):
        self.pieces.append(piece)
        self.place += len(piece)
        return self.place

    def vector(self, elements, count, alignment=4):
        self.align(alignment, len(elements))
        self.put(elements)
        return self.put(struct.pack("<I", count))

    def integers(self, numbers):
        return self.vector(struct.pack(f"<{len(numbers)}i", *numbers), len(numbers))

    def text(self, text):
        self.align(4, len(text) + 1)
        self.put(text.encode() + b"\0")
        return self.put(struct.pack("<I", len(text)))

    def offsets(self, targets):
        self.align(4)
        end = self.place + 4 * len(targets)
        distances = [end - 4 * index - target for index, target in enumerate(targets)]
        return self.vector(struct.pack(f"<{len(distances)}I", *distances), len(distances))

    def table(self, *fields):
        """Fields by slot: (struct format, value), ("offset", place), or None for the default."""
        slots, size = [0] * len(fields), 4
        for index in sorted(range(len(fields)), key=lambda index: -self.field_size(fields[index])):
            if fields[index]:
                slots[index] = size
                size += self.field_size(fields[index])
        body = bytearray(size + -size % 4)
        self.align(4)
        start = self.place + len(body)
        slot_table = struct.pack(f"<{2 + len(slots)}H", 4 + 2 * len(slots), len(body), *slots)
        struct.pack_into("<i", body, 0, len(slot_table))
        for slot, field in zip(slots, fields):
            if field and field[0] == "offset":
                struct.pack_into("<I", body, slot, start - slot - field[1])
            elif field:
                struct.pack_into("<" + field[0], body, slot, field[1])
        self.put(bytes(body))
        self.put(slot_table)
        return start

    @staticmethod
    def field_size(field):
        if field is None:
            return 0
        return 4 if field[0] == "offset" else struct.calcsize(field[0])

    def file(self, identifier, root):
        self.align(16, 8)
        self.put(struct.pack("<I4s", self.place + 8 - root, identifier))
        return b"".join(reversed(self.pieces))
