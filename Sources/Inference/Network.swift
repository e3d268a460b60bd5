import CXNNPACK
import Platform

/// A neural network that is ready to run on one thread.
///
/// Input, outputs and all that XNNPACK derives from them lie in secure memory, are made once and are zeroed when
/// the network is dropped. Running allocates nothing. Thread-bound; the owner may hand it to another thread.
@safe package struct Network: ~Copyable, @unchecked Sendable {
    /// A tensor at the edge of the network.
    package struct Port: Hashable, Sendable {
        package let name: String
        /// Rows before columns before channels; the batch comes first and is 1.
        package let shape: [Int]
        package let count: Int
        fileprivate let offset: Int
    }

    package let input: Port
    package let outputs: [Port]
    private let runtime: OpaquePointer
    private let memory: UnsafeMutableRawPointer

    /// Reads a `.tflite` file; nothing of it stays mapped afterwards.
    package init(path: String) throws(ModelFault) {
        let file: MappedFile
        do throws(Errno) {
            file = try MappedFile(path: path)
        } catch {
            throw ModelFault(.unreadable, "\(path) cannot be read: \(error)")
        }
        self = try file.withBytes { bytes throws(ModelFault) in try Network(bytes) }
    }

    /// Reads a model that is already in memory; nothing of it is needed afterwards.
    package init(_ model: RawSpan) throws(ModelFault) {
        let graph = try ModelReader.read(model)
        let builder = try GraphBuilder(graph)
        let externals = builder.externals
        let runtime = try unsafe builder.makeRuntime(model)
        var size = 0
        // XNNPACK may read 16 bytes beyond a tensor.
        func port(_ index: Int) -> Port {
            let tensor = graph.tensors[index]
            defer { size += (tensor.elementCount * 4 + Int(XNN_EXTRA_BYTES) + 63) / 64 * 64 }
            return Port(name: tensor.name, shape: tensor.shape, count: tensor.elementCount, offset: size)
        }
        let input = port(graph.input)
        let outputs = graph.outputs.map(port)
        let memory = unsafe SecureMemory.allocate(size, holding: .networks)
        var places = unsafe [xnn_external_value(id: 0, data: memory + input.offset)]
        for (output, port) in zip(graph.outputs, outputs) {
            var offset = port.offset
            for part in graph.parts(ofOutput: output) {
                unsafe places.append(xnn_external_value(id: UInt32(places.count), data: memory + offset))
                offset += graph.tensors[part].elementCount * 4
            }
        }
        let status = unsafe xnn_setup_runtime(runtime, externals.count, places)
        guard status == xnn_status_success else {
            unsafe xnn_delete_runtime(runtime)
            unsafe SecureMemory.free(memory)
            throw ModelFault(.refused, "XNNPACK does not set the model up (status \(status.rawValue))")
        }
        self.input = input
        self.outputs = outputs
        unsafe self.runtime = runtime
        unsafe self.memory = memory
    }

    deinit {
        unsafe xnn_delete_runtime(runtime)
        unsafe SecureMemory.free(memory)
    }

    /// Lends the input for filling; it keeps its values between runs.
    package mutating func withInput<Result, Failure: Error>(
        _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = unsafe (memory + input.offset).assumingMemoryBound(to: Float.self)
        var span = unsafe MutableSpan(_unsafeStart: start, count: input.count)
        return try body(&span)
    }

    /// Lends the input as it was filled; runs leave it alone.
    package borrowing func readInput<Result>(_ body: (Span<Float>) -> Result) -> Result {
        let start = unsafe UnsafePointer((memory + input.offset).assumingMemoryBound(to: Float.self))
        return body(unsafe Span(_unsafeStart: start, count: input.count))
    }

    /// Computes the outputs from the input.
    package mutating func run() {
        let status = unsafe xnn_invoke_runtime(runtime)
        precondition(status == xnn_status_success, "a network that was set up runs")
    }

    /// Lends output number `index` as the last run left it.
    package borrowing func withOutput<Result, Failure: Error>(
        _ index: Int, _ body: (Span<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let port = outputs[index]
        let start = unsafe UnsafePointer((memory + port.offset).assumingMemoryBound(to: Float.self))
        return try body(unsafe Span(_unsafeStart: start, count: port.count))
    }
}
