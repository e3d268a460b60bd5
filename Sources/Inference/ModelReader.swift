/// Reads TensorFlow Lite's file format, schema version 3, as far as the networks of this device use it.
///
/// The file is hostile until proven otherwise: each index, size and shape is checked before it is used.
struct ModelReader {
    private(set) var tensors: [ModelTensor] = []
    /// Half-precision constants by the tensor that a DEQUANTIZE makes of them.
    private(set) var halves: [Int: Int] = [:]
    private var operations: [ModelOperation] = []
    private var isComputed: [Bool] = []
    private var readCounts: [Int] = []
    private var weightCount = 0
    private var activationCount = 0

    private init() {}

    static func read(_ bytes: RawSpan) throws(ModelFault) -> ModelGraph {
        var reader = ModelReader()
        return try reader.readModel(bytes)
    }

    private mutating func readModel(_ bytes: RawSpan) throws(ModelFault) -> ModelGraph {
        guard try bytes.load(UInt32.self, at: 4) == 0x334C_4654 else {
            throw ModelFault(.malformed, "the file is no TensorFlow Lite model: TFL3 is missing", offset: 4)
        }
        let model = try bytes.rootTable()
        let version = try bytes.integer(0, in: model, absent: UInt32(0))
        guard version == 3 else { throw ModelFault(.unsupported, "the schema has version \(version), not 3") }
        let subgraphs = try bytes.tables(2, in: model, atMost: ModelGraph.Limit.entries)
        guard subgraphs.count == 1 else { throw ModelFault(.unsupported, "\(subgraphs.count) graphs, not 1") }
        try readTensors(bytes, model, subgraphs[0])
        let inputs = try bytes.integers(1, in: subgraphs[0], atMost: ModelGraph.Limit.entries)
        guard inputs.count == 1 else { throw ModelFault(.unsupported, "\(inputs.count) inputs, not 1") }
        try addComputed(inputs[0])
        try readOperations(bytes, model, subgraphs[0])
        let outputs = try bytes.integers(2, in: subgraphs[0], atMost: ModelGraph.Limit.outputs)
        try checkUses(input: inputs[0], outputs: outputs)
        return ModelGraph(
            tensors: tensors, operations: operations, halves: halves, input: inputs[0], outputs: outputs)
    }

    private mutating func readTensors(
        _ bytes: RawSpan, _ model: FlatTable, _ graph: FlatTable
    ) throws(ModelFault) {
        var constants: [FlatVector] = []
        for buffer in try bytes.tables(4, in: model, atMost: ModelGraph.Limit.entries) {
            constants.append(try bytes.vector(0, in: buffer, stride: 1))
        }
        for (index, table) in try bytes.tables(0, in: graph, atMost: ModelGraph.Limit.entries).enumerated() {
            let name = try bytes.text(3, in: table)
            let shape = try bytes.integers(0, in: table, atMost: ModelGraph.Limit.entries)
            let buffer = Int(try bytes.integer(2, in: table, absent: UInt32(0)))
            guard buffer == 0 || buffer < constants.count else {
                throw ModelFault(
                    .malformed, "tensor \(index) \"\(name)\" names buffer \(buffer) of \(constants.count)",
                    offset: table.start)
            }
            tensors.append(
                ModelTensor(
                    index: index, name: name, shape: shape, elementCount: try Self.count(shape, at: table.start),
                    type: .init(rawValue: try bytes.integer(1, in: table, absent: Int8(0))),
                    data: buffer == 0 ? .empty : constants[buffer],
                    isSparse: try bytes.place(of: 6, in: table) != nil, offset: table.start))
        }
        isComputed = Array(repeating: false, count: tensors.count)
        readCounts = Array(repeating: 0, count: tensors.count)
    }

    /// The product of the dimensions, 1 for a scalar.
    private static func count(_ shape: [Int], at offset: Int) throws(ModelFault) -> Int {
        guard shape.count <= ModelGraph.Limit.rank else {
            throw ModelFault(.unsupported, "a tensor has \(shape.count) dimensions", offset: offset)
        }
        var count = 1
        for dimension in shape {
            guard (1...ModelGraph.Limit.dimension).contains(dimension) else {
                throw ModelFault(.malformed, "a tensor has shape \(shape)", offset: offset)
            }
            // Each factor is bounded, and so is the product so far.
            count *= dimension
            guard count <= ModelGraph.Limit.weights else {
                throw ModelFault(.tooLarge, "a tensor has shape \(shape)", offset: offset)
            }
        }
        return count
    }

    private mutating func readOperations(
        _ bytes: RawSpan, _ model: FlatTable, _ graph: FlatTable
    ) throws(ModelFault) {
        var codes: [Int32] = []
        for table in try bytes.tables(1, in: model, atMost: ModelGraph.Limit.entries) {
            // Old files know only the first, one byte long.
            codes.append(
                max(
                    Int32(try bytes.integer(0, in: table, absent: Int8(0))),
                    try bytes.integer(3, in: table, absent: Int32(0))))
        }
        for (index, table) in try bytes.tables(3, in: graph, atMost: ModelGraph.Limit.entries).enumerated() {
            let code = Int(try bytes.integer(0, in: table, absent: UInt32(0)))
            guard code < codes.count else {
                throw ModelFault(.malformed, "operator code \(code) of \(codes.count)", offset: table.start)
                    .met(in: "\(index)", at: table.start)
            }
            guard let code = OperatorCode(rawValue: codes[code]) else {
                throw ModelFault(.unsupported, "operator code \(codes[code]) is not run here", offset: table.start)
                    .met(in: "\(index)", at: table.start)
            }
            let title = "\(index) (\(code.name))"
            do throws(ModelFault) {
                let record = OperatorRecord(
                    code: code, title: title,
                    inputs: try bytes.integers(1, in: table, atMost: ModelGraph.Limit.entries),
                    outputs: try bytes.integers(2, in: table, atMost: 1), options: try bytes.table(4, in: table))
                try add(record, bytes)
            } catch {
                throw error.met(in: title, at: table.start)
            }
        }
    }

    private mutating func add(_ record: OperatorRecord, _ bytes: RawSpan) throws(ModelFault) {
        guard let output = record.outputs.first else { throw ModelFault(.malformed, "it has no output") }
        if record.code == .dequantize { return try addHalf(record, output) }
        let kind = try readKind(record, output: try tensor(output), bytes)
        let inputs =
            switch kind {
            case .add: record.inputs
            case .concatenation(let parts): parts
            case .averagePool, .convolution, .depthwiseConvolution, .fullyConnected, .maximumPool, .pad,
                .parametricRelu, .relu, .reshape:
                [record.inputs[0]]
            }
        for input in inputs {
            _ = try computed(input)
            readCounts[input] += 1
        }
        try addComputed(output)
        operations.append(ModelOperation(kind: kind, inputs: inputs, output: output, title: record.title))
    }

    /// Notes that tensor `output` is a constant that is stored in half precision.
    private mutating func addHalf(_ record: OperatorRecord, _ output: Int) throws(ModelFault) {
        let half = try tensor(try record.input(0))
        let whole = try tensor(output)
        guard half.type == .float16, half.isConstant, half.data.count == half.elementCount * 2 else {
            throw ModelFault(.unsupported, "only constants of half precision are widened", tensor: half)
        }
        guard whole.type == .float32, !whole.isConstant, whole.shape == half.shape, halves[output] == nil,
            !isComputed[output]
        else { throw ModelFault(.malformed, "it cannot be \(half.title) widened", tensor: whole) }
        halves[output] = half.index
    }

    /// Takes note of a tensor that has a value from here on.
    private mutating func addComputed(_ index: Int) throws(ModelFault) {
        let tensor = try tensor(index)
        guard tensor.type == .float32 else { throw ModelFault(.unsupported, "its type is not float32", tensor: tensor) }
        guard !tensor.shape.isEmpty else { throw ModelFault(.unsupported, "it has no dimension", tensor: tensor) }
        guard !tensor.isConstant, halves[index] == nil, !isComputed[index] else {
            throw ModelFault(.malformed, "it is computed although it has a value", tensor: tensor)
        }
        activationCount += tensor.elementCount
        guard activationCount <= ModelGraph.Limit.activations else {
            throw ModelFault(.tooLarge, "the tensors up to here have \(activationCount) elements", tensor: tensor)
        }
        isComputed[index] = true
    }

    /// Checks that nothing is computed in vain, as XNNPACK gives such values no memory of their own.
    private func checkUses(input: Int, outputs: [Int]) throws(ModelFault) {
        guard !outputs.isEmpty, Set(outputs).count == outputs.count else {
            throw ModelFault(.unsupported, "the outputs are \(outputs)")
        }
        for output in outputs {
            let tensor = try computed(output)
            guard output != input else { throw ModelFault(.unsupported, "the input is an output", tensor: tensor) }
        }
        guard readCounts[input] > 0 else {
            throw ModelFault(.unsupported, "the input is not read", tensor: tensors[input])
        }
        for operation in operations {
            let isOutput = outputs.contains(operation.output)
            guard isOutput || readCounts[operation.output] > 0 else {
                throw ModelFault(.unsupported, "the result is not used", tensor: tensors[operation.output])
                    .met(in: operation.title, at: tensors[operation.output].offset)
            }
            guard case .concatenation(let parts) = operation.kind else { continue }
            // Its parts are written where they belong in the output, so they must have no other place.
            let isLast = isOutput && readCounts[operation.output] == 0
            guard isLast, parts.allSatisfy({ $0 != input && readCounts[$0] == 1 && !outputs.contains($0) }) else {
                throw ModelFault(.unsupported, "tensors are appended only as the last step to an output")
                    .met(in: operation.title, at: tensors[operation.output].offset)
            }
        }
    }

    func tensor(_ index: Int) throws(ModelFault) -> ModelTensor {
        guard tensors.indices.contains(index) else {
            throw ModelFault(.malformed, "tensor \(index) of \(tensors.count) is named")
        }
        return tensors[index]
    }

    /// A tensor that an earlier operator has computed, or the input.
    func computed(_ index: Int) throws(ModelFault) -> ModelTensor {
        let tensor = try tensor(index)
        guard isComputed[index] else {
            throw ModelFault(.malformed, "no earlier operator computes it", tensor: tensor)
        }
        return tensor
    }

    /// A constant of floats, stored in single or half precision.
    mutating func weights(_ index: Int, _ role: String, shape: [Int]) throws(ModelFault) -> Int {
        let tensor = try tensor(index)
        let stored = halves[index].map { tensors[$0] } ?? tensor
        guard tensor.type == .float32, stored.isConstant, !stored.isSparse,
            stored.data.count == stored.elementCount * (stored.type?.size ?? 0)
        else { throw ModelFault(.unsupported, "the \(role) is no constant of floats", tensor: tensor) }
        guard tensor.shape == shape else {
            throw ModelFault(.malformed, "the \(role) has shape \(tensor.shape), not \(shape)", tensor: tensor)
        }
        weightCount += tensor.elementCount
        guard weightCount <= ModelGraph.Limit.weights else {
            throw ModelFault(.tooLarge, "the weights up to here have \(weightCount) elements", tensor: tensor)
        }
        return index
    }
}
