/// A value in a flatbuffer under construction.
package indirect enum Flat: Sendable {
    case int8(Int8)
    case int32(Int32)
    case bytes([UInt8])
    case integers([Int])
    case tables([[Int: Flat]])
    case table([Int: Flat])

    package static func text(_ text: String) -> Flat { .bytes(Array(text.utf8)) }
}

/// Writes flatbuffers front to back: each table after its vtable, what it refers to behind it.
struct FlatWriter {
    private(set) var bytes: [UInt8] = []

    init(root: [Int: Flat], identifier: String) {
        put(UInt32(0))
        bytes += Array(identifier.utf8)
        refer(from: 0, to: write(root))
    }

    private mutating func put<Value: FixedWidthInteger>(_ value: Value) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    private mutating func refer(from place: Int, to target: Int) {
        for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: (target - place) >> (8 * index)) }
    }

    private mutating func write(_ table: [Int: Flat]) -> Int {
        while bytes.count % 4 != 0 { bytes.append(0) }
        let fieldCount = (table.keys.max() ?? -1) + 1
        let vtable = bytes.count
        put(UInt16(4 + 2 * fieldCount))
        put(UInt16(4 + 4 * fieldCount))
        for index in 0..<fieldCount { put(UInt16(table[index] == nil ? 0 : 4 + 4 * index)) }
        let start = bytes.count
        put(Int32(start - vtable))
        for index in 0..<fieldCount {
            switch table[index] {
            case .int8(let value): put(Int32(value))
            case .int32(let value): put(value)
            case .bytes, .integers, .tables, .table, nil: put(UInt32(0))
            }
        }
        for (index, value) in table.sorted(by: { $0.key < $1.key }) {
            let place = start + 4 + 4 * index
            switch value {
            case .int8, .int32: break
            case .table(let table): refer(from: place, to: write(table))
            case .bytes(let content):
                refer(from: place, to: bytes.count)
                put(UInt32(content.count))
                bytes += content
            case .integers(let content):
                refer(from: place, to: bytes.count)
                put(UInt32(content.count))
                for value in content { put(Int32(value)) }
            case .tables(let tables):
                refer(from: place, to: bytes.count)
                put(UInt32(tables.count))
                let first = bytes.count
                for _ in tables { put(UInt32(0)) }
                for (index, table) in tables.enumerated() { refer(from: first + 4 * index, to: write(table)) }
            }
        }
        return start
    }
}

/// A TensorFlow Lite model under construction; tensors and operators are named by their place.
package struct TestModel: Sendable {
    private var tensors: [[Int: Flat]] = []
    private var buffers: [[Int: Flat]] = [[:]]
    private var codes: [[Int: Flat]] = []
    private var operators: [[Int: Flat]] = []
    package var inputs: [Int] = []
    package var outputs: [Int] = []

    package init() {}

    /// Adds a tensor of float32 (type 0) or another type, with bytes when it is a constant.
    @discardableResult
    package mutating func tensor(_ shape: [Int], type: Int8 = 0, bytes: [UInt8]? = nil) -> Int {
        var table: [Int: Flat] = [0: .integers(shape), 1: .int8(type), 3: .text("t\(tensors.count)")]
        if let bytes {
            table[2] = .int32(Int32(buffers.count))
            buffers.append([0: .bytes(bytes)])
        }
        tensors.append(table)
        return tensors.count - 1
    }

    package mutating func constant(_ shape: [Int], _ values: [Float]) -> Int {
        tensor(
            shape,
            bytes: values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } })
    }

    /// Adds a constant of half precision and the operator that widens it.
    package mutating func half(_ shape: [Int], _ values: [Float]) -> Int {
        let bits = values.map { Float16($0).bitPattern }
        let stored = tensor(shape, type: 1, bytes: bits.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
        return apply(6, [stored], to: shape)
    }

    package mutating func integers(_ shape: [Int], _ values: [Int]) -> Int {
        tensor(
            shape, type: 2,
            bytes: values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } })
    }

    /// Adds an operator by its code in the schema and the tensor for its result.
    package mutating func apply(_ code: Int32, _ inputs: [Int], to shape: [Int], options: [Int: Flat] = [:]) -> Int {
        let output = tensor(shape)
        add(code, inputs, [output], options: options)
        return output
    }

    package mutating func add(_ code: Int32, _ inputs: [Int], _ outputs: [Int], options: [Int: Flat] = [:]) {
        codes.append([0: .int8(Int8(clamping: code)), 3: .int32(code)])
        operators.append([
            0: .int32(Int32(codes.count - 1)), 1: .integers(inputs), 2: .integers(outputs), 4: .table(options),
        ])
    }

    package var bytes: [UInt8] {
        let graph: [Int: Flat] = [
            0: .tables(tensors), 1: .integers(inputs), 2: .integers(outputs), 3: .tables(operators),
        ]
        let model: [Int: Flat] = [0: .int32(3), 1: .tables(codes), 2: .tables([graph]), 4: .tables(buffers)]
        return FlatWriter(root: model, identifier: "TFL3").bytes
    }
}

/// Each kind of operator once, as small as possible.
package let smallModel: TestModel = {
    var model = TestModel()
    let input = model.tensor([1, 4, 4, 2])
    let stride: [Int: Flat] = [0: .int8(1), 1: .int32(1), 2: .int32(1)]
    let pool: [Int: Flat] = [0: .int8(1), 1: .int32(2), 2: .int32(2), 3: .int32(2), 4: .int32(2)]
    let padded = model.apply(34, [input, model.integers([4, 2], [0, 0, 1, 1, 1, 1, 0, 0])], to: [1, 6, 6, 2])
    let filter = model.half([2, 3, 3, 2], ramp(36))
    let folded = model.apply(3, [padded, filter, model.half([2], [0, 1])], to: [1, 4, 4, 2], options: stride)
    let slope = model.constant([1, 1, 2], [0.5, 0.25])
    let bent = model.apply(54, [folded, slope], to: [1, 4, 4, 2])
    let depthwise = model.apply(
        4, [bent, model.constant([1, 1, 1, 2], [1, 2]), model.constant([2], [0, 0])], to: [1, 4, 4, 2],
        options: stride.merging([3: .int32(1)]) { $1 })
    let sum = model.apply(0, [depthwise, bent], to: [1, 4, 4, 2])
    let highest = model.apply(17, [sum], to: [1, 2, 2, 2], options: pool)
    let rectified = model.apply(19, [highest], to: [1, 2, 2, 2])
    let mean = model.apply(1, [rectified], to: [1, 1, 1, 2], options: pool)
    let scores = model.apply(9, [mean, model.constant([3, 2], ramp(6)), -1], to: [1, 3])
    let flat = model.apply(22, [rectified], to: [1, 8])
    let all = model.apply(2, [scores, flat], to: [1, 11], options: [0: .int32(1)])
    model.inputs = [input]
    model.outputs = [all]
    return model
}()

/// Weights from −0.75 to 0.75.
private func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 7) / 4 - 0.75 } }
