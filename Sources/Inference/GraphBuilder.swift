import CXNNPACK

/// Describes a checked model to XNNPACK and lets it make the runtime.
@safe struct GraphBuilder: ~Copyable {
    private let graph: ModelGraph
    /// The tensors that XNNPACK reads from and writes to the caller's memory: the input, then the outputs or,
    /// for an output that is a concatenation, its parts.
    let externals: [Int]
    private let subgraph: OpaquePointer
    private var values: [Int: UInt32]
    /// Single-precision weights; XNNPACK copies them into its own layout when the runtime is made.
    private var weights: [UnsafeMutableBufferPointer<Float>]

    init(_ graph: ModelGraph) throws(ModelFault) {
        try XNNPACK.start()
        let externals = [graph.input] + graph.outputs.flatMap { graph.parts(ofOutput: $0) }
        var subgraph: OpaquePointer?
        let status = unsafe xnn_create_subgraph(UInt32(externals.count), 0, &subgraph)
        guard status == xnn_status_success, let subgraph = unsafe subgraph else {
            throw ModelFault(.refused, "XNNPACK makes no graph (status \(status.rawValue))")
        }
        self.graph = graph
        self.externals = externals
        unsafe self.subgraph = subgraph
        self.values = [:]
        unsafe self.weights = []
    }

    deinit {
        unsafe xnn_delete_subgraph(subgraph)
        unsafe weights.forEach { unsafe $0.deallocate() }
    }

    /// Makes a runtime on one thread, with weights from the model's file; the caller owns it.
    @unsafe consuming func makeRuntime(_ file: RawSpan) throws(ModelFault) -> OpaquePointer {
        for operation in graph.operations {
            let status = try define(operation, file)
            guard status == xnn_status_success else {
                throw ModelFault(.refused, "XNNPACK does not take it (status \(status.rawValue))")
                    .met(in: operation.title, at: graph.tensors[operation.output].offset)
            }
        }
        var runtime: OpaquePointer?
        let status = unsafe xnn_create_runtime_v2(subgraph, nil, 0, &runtime)
        guard status == xnn_status_success, let runtime = unsafe runtime else {
            throw ModelFault(.refused, "XNNPACK makes no runtime (status \(status.rawValue))")
        }
        return unsafe runtime
    }

    private mutating func define(_ operation: ModelOperation, _ file: RawSpan) throws(ModelFault) -> xnn_status {
        let most = Float.infinity
        func least(_ isClamped: Bool) -> Float { isClamped ? 0 : -.infinity }
        switch operation.kind {
        case .concatenation: return xnn_status_success
        case .add(let clamped):
            let (first, second) = (try value(operation.inputs[0]), try value(operation.inputs[1]))
            let output = try value(operation.output)
            return unsafe xnn_define_add2(subgraph, least(clamped), most, first, second, output, 0)
        case .relu:
            let (input, output) = (try value(operation.inputs[0]), try value(operation.output))
            return unsafe xnn_define_clamp(subgraph, 0, most, input, output, 0)
        case .reshape:
            let (input, output) = (try value(operation.inputs[0]), try value(operation.output))
            let shape = graph.tensors[operation.output].shape
            return unsafe xnn_define_static_reshape(subgraph, shape.count, shape, input, output, 0)
        case .pad(let before, let after):
            let (input, output) = (try value(operation.inputs[0]), try value(operation.output))
            return unsafe xnn_define_static_constant_pad(subgraph, before, after, 0, input, output, 0)
        case .parametricRelu(let slope):
            let (input, output) = (try value(operation.inputs[0]), try value(operation.output))
            let slope = try constant(slope, file, shape: [graph.tensors[slope].elementCount])
            return unsafe xnn_define_prelu(subgraph, input, slope, output, 0)
        case .fullyConnected(let filter, let bias, let clamped):
            let (input, output) = (try value(operation.inputs[0]), try value(operation.output))
            let filter = try constant(filter, file)
            let bias = try bias.map { bias throws(ModelFault) in try constant(bias, file) } ?? UInt32.max
            return unsafe xnn_define_fully_connected(subgraph, least(clamped), most, input, filter, bias, output, 0)
        case .averagePool(let window), .maximumPool(let window):
            return try definePool(operation, window)
        case .convolution(let window, let filter, let bias, let clamped),
            .depthwiseConvolution(let window, let filter, let bias, let clamped):
            return try defineConvolution(
                operation, window, filter: try constant(filter, file), bias: try constant(bias, file),
                shape: graph.tensors[filter].shape, least: least(clamped))
        }
    }

    private mutating func definePool(_ operation: ModelOperation, _ window: Window) throws(ModelFault) -> xnn_status {
        let (input, output) = (try value(operation.inputs[0]), try value(operation.output))
        let (height, width) = (UInt32(window.height), UInt32(window.width))
        let (strideHeight, strideWidth) = (UInt32(window.strideHeight), UInt32(window.strideWidth))
        if case .averagePool = operation.kind {
            return unsafe xnn_define_average_pooling_2d(
                subgraph, 0, 0, 0, 0, height, width, strideHeight, strideWidth, -.infinity, .infinity, input, output,
                window.flags)
        }
        return unsafe xnn_define_max_pooling_2d(
            subgraph, 0, 0, 0, 0, height, width, strideHeight, strideWidth, 1, 1, -.infinity, .infinity, input,
            output, window.flags)
    }

    private mutating func defineConvolution(
        _ operation: ModelOperation, _ window: Window, filter: UInt32, bias: UInt32, shape: [Int], least: Float
    ) throws(ModelFault) -> xnn_status {
        let (input, output) = (try value(operation.inputs[0]), try value(operation.output))
        let (height, width) = (UInt32(window.height), UInt32(window.width))
        let (strideHeight, strideWidth) = (UInt32(window.strideHeight), UInt32(window.strideWidth))
        if case .depthwiseConvolution = operation.kind {
            return unsafe xnn_define_depthwise_convolution_2d(
                subgraph, 0, 0, 0, 0, height, width, strideHeight, strideWidth, 1, 1, 1, shape[3], least, .infinity,
                input, filter, bias, output, window.flags)
        }
        return unsafe xnn_define_convolution_2d(
            subgraph, 0, 0, 0, 0, height, width, strideHeight, strideWidth, 1, 1, 1, shape[3], shape[0], least,
            .infinity, input, filter, bias, output, window.flags)
    }

    /// XNNPACK's number for a computed tensor.
    private mutating func value(_ index: Int) throws(ModelFault) -> UInt32 {
        if let known = values[index] { return known }
        let place = externals.firstIndex(of: index)
        let flags =
            switch place {
            case nil: UInt32(0)
            case 0: UInt32(XNN_VALUE_FLAG_EXTERNAL_INPUT)
            default: UInt32(XNN_VALUE_FLAG_EXTERNAL_OUTPUT)
            }
        let number = try unsafe define(index, graph.tensors[index].shape, nil, external: place.map(UInt32.init), flags)
        values[index] = number
        return number
    }

    /// XNNPACK's number for a constant, copied from the file as single-precision floats.
    private mutating func constant(_ index: Int, _ file: RawSpan, shape: [Int]? = nil) throws(ModelFault) -> UInt32 {
        let tensor = graph.tensors[graph.halves[index] ?? index]
        // Some kernels read up to 16 bytes more than there are.
        let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.elementCount + 4)
        unsafe block.initialize(repeating: 0)
        unsafe weights.append(block)
        for element in 0..<tensor.elementCount {
            unsafe block[element] =
                tensor.type == .float16
                ? Float(Float16(bitPattern: try file.load(at: tensor.data.start + 2 * element)))
                : Float(bitPattern: try file.load(at: tensor.data.start + 4 * element))
        }
        return try unsafe define(index, shape ?? tensor.shape, UnsafeRawPointer(block.baseAddress), external: nil, 0)
    }

    @unsafe private func define(
        _ index: Int, _ shape: [Int], _ data: UnsafeRawPointer?, external: UInt32?, _ flags: UInt32
    ) throws(ModelFault) -> UInt32 {
        var number = UInt32.max
        let status = unsafe xnn_define_tensor_value(
            subgraph, xnn_datatype_fp32, shape.count, shape, data, external ?? .max, flags, &number)
        guard status == xnn_status_success else {
            throw ModelFault(
                .refused, "XNNPACK does not take the tensor (status \(status.rawValue))", tensor: graph.tensors[index])
        }
        return number
    }
}

extension Window {
    fileprivate var flags: UInt32 { isSame ? UInt32(XNN_FLAG_TENSORFLOW_SAME_PADDING) : 0 }
}

extension ModelGraph {
    /// The tensors that lie one after the other in an output.
    func parts(ofOutput index: Int) -> [Int] {
        for operation in operations where operation.output == index {
            if case .concatenation(let parts) = operation.kind { return parts }
        }
        return [index]
    }
}
