/// The operators that are run here, by the numbers of TensorFlow Lite's `BuiltinOperator`.
enum OperatorCode: Int32 {
    case add = 0
    case averagePool = 1
    case concatenation = 2
    case convolution = 3
    case depthwiseConvolution = 4
    case dequantize = 6
    case fullyConnected = 9
    case maximumPool = 17
    case relu = 19
    case reshape = 22
    case pad = 34
    case parametricRelu = 54

    /// As TensorFlow Lite writes it.
    var name: String {
        switch self {
        case .add: "ADD"
        case .averagePool: "AVERAGE_POOL_2D"
        case .concatenation: "CONCATENATION"
        case .convolution: "CONV_2D"
        case .depthwiseConvolution: "DEPTHWISE_CONV_2D"
        case .dequantize: "DEQUANTIZE"
        case .fullyConnected: "FULLY_CONNECTED"
        case .maximumPool: "MAX_POOL_2D"
        case .relu: "RELU"
        case .reshape: "RESHAPE"
        case .pad: "PAD"
        case .parametricRelu: "PRELU"
        }
    }
}

/// An operator as the file lists it; −1 stands for an input that is left out.
struct OperatorRecord {
    let code: OperatorCode
    let title: String
    let inputs: [Int]
    let outputs: [Int]
    let options: FlatTable?

    func input(_ place: Int) throws(ModelFault) -> Int {
        guard place < inputs.count else {
            throw ModelFault(.malformed, "it has \(inputs.count) inputs; number \(place) is missing")
        }
        return inputs[place]
    }

    func option<Value: FixedWidthInteger & BitwiseCopyable>(
        _ index: Int, absent: Value, _ bytes: RawSpan
    ) throws(ModelFault) -> Value {
        guard let options else { return absent }
        return try bytes.integer(index, in: options, absent: absent)
    }

    /// Whether the result is clamped at 0 from below; other activations are refused.
    func isClamped(_ index: Int, _ bytes: RawSpan) throws(ModelFault) -> Bool {
        switch try option(index, absent: Int8(0), bytes) {
        case 0: return false
        case 1: return true
        case let other: throw ModelFault(.unsupported, "activation \(other) is not run here")
        }
    }

    /// The window whose padding and strides lie first in the options.
    func window(height: Int, width: Int, _ bytes: RawSpan) throws(ModelFault) -> Window {
        let padding = try option(0, absent: Int8(0), bytes)
        guard padding == 0 || padding == 1 else { throw ModelFault(.malformed, "padding \(padding) is unknown") }
        let strideWidth = Int(try option(1, absent: Int32(0), bytes))
        let strideHeight = Int(try option(2, absent: Int32(0), bytes))
        for size in [height, width, strideHeight, strideWidth]
        where !(1...ModelGraph.Limit.dimension).contains(size) {
            throw ModelFault(
                .malformed, "a window of \(height)×\(width) moves by \(strideHeight)×\(strideWidth)")
        }
        return Window(
            height: height, width: width, strideHeight: strideHeight, strideWidth: strideWidth, isSame: padding == 0)
    }
}

extension ModelReader {
    /// Reads what an operator does and checks that its output has the shape that follows.
    mutating func readKind(
        _ record: OperatorRecord, output: ModelTensor, _ bytes: RawSpan
    ) throws(ModelFault) -> ModelOperation.Kind {
        if record.code == .concatenation { return try readConcatenation(record, output, bytes) }
        let input = try computed(try record.input(0))
        switch record.code {
        case .add:
            guard record.inputs.count == 2 else { throw ModelFault(.malformed, "it has \(record.inputs.count) inputs") }
            try expect(output, shape: input.shape)
            let other = try computed(record.inputs[1])
            guard other.shape == input.shape else {
                throw ModelFault(.unsupported, "its shape differs from that of \(input.title)", tensor: other)
            }
            return .add(clamped: try record.isClamped(0, bytes))
        case .averagePool: return .averagePool(try readPool(record, input, output, bytes))
        case .maximumPool: return .maximumPool(try readPool(record, input, output, bytes))
        case .convolution, .depthwiseConvolution: return try readConvolution(record, input, output, bytes)
        case .fullyConnected: return try readFullyConnected(record, input, output, bytes)
        case .pad: return try readPad(record, input, output, bytes)
        case .parametricRelu:
            try expect(output, shape: input.shape)
            let slope = try tensor(try record.input(1))
            let channels = input.shape.last ?? 0
            guard slope.elementCount == channels else {
                throw ModelFault(.unsupported, "\(slope.elementCount) slopes for \(channels) channels", tensor: slope)
            }
            return .parametricRelu(slope: try weights(slope.index, "slope", shape: slope.shape))
        case .relu:
            try expect(output, shape: input.shape)
            return .relu
        case .reshape:
            guard output.elementCount == input.elementCount else {
                throw ModelFault(
                    .malformed, "\(input.elementCount) elements become \(output.elementCount)", tensor: output)
            }
            return .reshape
        case .concatenation, .dequantize:
            throw ModelFault(.unsupported, "it is no step of its own")
        }
    }

    private func expect(_ output: ModelTensor, shape: [Int]) throws(ModelFault) {
        guard output.shape == shape else {
            throw ModelFault(.malformed, "its shape is \(output.shape), not \(shape)", tensor: output)
        }
    }

    /// Checks the result of a sliding window with `channels` channels.
    private func check(
        _ window: Window, _ input: ModelTensor, _ output: ModelTensor, channels: Int
    ) throws(ModelFault) {
        guard let size = window.outputSize(height: input.shape[1], width: input.shape[2]) else {
            throw ModelFault(.malformed, "the window of \(window.height)×\(window.width) exceeds it", tensor: input)
        }
        try expect(output, shape: [input.shape[0], size.height, size.width, channels])
        // At most 2¹⁶ each, so that the product of four fits.
        guard window.height * window.width <= ModelGraph.Limit.windowPlaces / (size.height * size.width) else {
            throw ModelFault(
                .tooLarge, "a window of \(window.height)×\(window.width) has too many places", tensor: input)
        }
    }

    private func expectImage(_ input: ModelTensor) throws(ModelFault) {
        guard input.shape.count == 4 else {
            throw ModelFault(.malformed, "its shape \(input.shape) is not that of images", tensor: input)
        }
    }

    private func readPool(
        _ record: OperatorRecord, _ input: ModelTensor, _ output: ModelTensor, _ bytes: RawSpan
    ) throws(ModelFault) -> Window {
        try expectImage(input)
        let width = Int(try record.option(3, absent: Int32(0), bytes))
        let height = Int(try record.option(4, absent: Int32(0), bytes))
        guard try !record.isClamped(5, bytes) else { throw ModelFault(.unsupported, "a pool is clamped") }
        let window = try record.window(height: height, width: width, bytes)
        guard height * width > 1 else { throw ModelFault(.unsupported, "a pool takes single elements") }
        try check(window, input, output, channels: input.shape[3])
        return window
    }

    private mutating func readConvolution(
        _ record: OperatorRecord, _ input: ModelTensor, _ output: ModelTensor, _ bytes: RawSpan
    ) throws(ModelFault) -> ModelOperation.Kind {
        try expectImage(input)
        let filter = try tensor(try record.input(1))
        guard filter.shape.count == 4 else {
            throw ModelFault(.malformed, "the filter has shape \(filter.shape)", tensor: filter)
        }
        let (height, width) = (filter.shape[1], filter.shape[2])
        let isDepthwise = record.code == .depthwiseConvolution
        let options: (activation: Int, dilation: Int) = isDepthwise ? (4, 5) : (3, 4)
        let dilations = [
            try record.option(options.dilation, absent: Int32(1), bytes),
            try record.option(options.dilation + 1, absent: Int32(1), bytes),
        ]
        let multiplier = isDepthwise ? try record.option(3, absent: Int32(1), bytes) : 1
        guard dilations == [1, 1], multiplier == 1 else {
            throw ModelFault(.unsupported, "dilations are \(dilations), the depth multiplier is \(multiplier)")
        }
        let channels = isDepthwise ? input.shape[3] : filter.shape[0]
        let window = try record.window(height: height, width: width, bytes)
        try check(window, input, output, channels: channels)
        let shape = isDepthwise ? [1, height, width, channels] : [channels, height, width, input.shape[3]]
        let weights = try weights(filter.index, "filter", shape: shape)
        let bias = try self.weights(try record.input(2), "bias", shape: [channels])
        let isClamped = try record.isClamped(options.activation, bytes)
        return isDepthwise
            ? .depthwiseConvolution(window, filter: weights, bias: bias, clamped: isClamped)
            : .convolution(window, filter: weights, bias: bias, clamped: isClamped)
    }

    private mutating func readFullyConnected(
        _ record: OperatorRecord, _ input: ModelTensor, _ output: ModelTensor, _ bytes: RawSpan
    ) throws(ModelFault) -> ModelOperation.Kind {
        let filter = try tensor(try record.input(1))
        guard filter.shape.count == 2, input.elementCount % filter.shape[1] == 0 else {
            throw ModelFault(.malformed, "the filter has shape \(filter.shape)", tensor: filter)
        }
        try expect(output, shape: [input.elementCount / filter.shape[1], filter.shape[0]])
        let format = try record.option(1, absent: Int8(0), bytes)
        guard format == 0 else { throw ModelFault(.unsupported, "weights format \(format) is not read here") }
        let bias = record.inputs.count > 2 && record.inputs[2] != -1 ? record.inputs[2] : nil
        return .fullyConnected(
            filter: try weights(filter.index, "filter", shape: filter.shape),
            bias: try bias.map { bias throws(ModelFault) in try weights(bias, "bias", shape: [filter.shape[0]]) },
            clamped: try record.isClamped(0, bytes))
    }

    private func readPad(
        _ record: OperatorRecord, _ input: ModelTensor, _ output: ModelTensor, _ bytes: RawSpan
    ) throws(ModelFault) -> ModelOperation.Kind {
        let amounts = try tensor(try record.input(1))
        guard amounts.type == .int32, amounts.shape == [input.shape.count, 2],
            amounts.data.count == amounts.elementCount * 4
        else { throw ModelFault(.malformed, "the paddings are not two integers per dimension", tensor: amounts) }
        let values = try bytes.integers(FlatVector(count: amounts.elementCount, start: amounts.data.start))
        guard values.allSatisfy({ (0...ModelGraph.Limit.dimension).contains($0) }) else {
            throw ModelFault(.malformed, "the paddings are \(values)", tensor: amounts)
        }
        let before = input.shape.indices.map { values[2 * $0] }
        let after = input.shape.indices.map { values[2 * $0 + 1] }
        try expect(output, shape: input.shape.indices.map { before[$0] + input.shape[$0] + after[$0] })
        return .pad(before: before, after: after)
    }

    private func readConcatenation(
        _ record: OperatorRecord, _ output: ModelTensor, _ bytes: RawSpan
    ) throws(ModelFault) -> ModelOperation.Kind {
        let axis = Int(try record.option(0, absent: Int32(0), bytes))
        let place = axis < 0 ? axis + output.shape.count : axis
        guard output.shape.indices.contains(place), output.shape[..<place].allSatisfy({ $0 == 1 }) else {
            throw ModelFault(.unsupported, "axis \(axis) of shape \(output.shape) does not append", tensor: output)
        }
        guard try !record.isClamped(1, bytes) else { throw ModelFault(.unsupported, "a concatenation is clamped") }
        var length = 0
        for index in record.inputs {
            let part = try computed(index)
            var shape = output.shape
            guard part.shape.count == shape.count else {
                throw ModelFault(.malformed, "its shape \(part.shape) does not fit \(shape)", tensor: part)
            }
            shape[place] = part.shape[place]
            try expect(part, shape: shape)
            length += part.shape[place]
        }
        guard length == output.shape[place] else {
            throw ModelFault(.malformed, "its parts are \(length) long, it is \(output.shape[place])", tensor: output)
        }
        return .concatenation(parts: record.inputs)
    }
}
