/// A checked model: every index is in range, every shape follows from its operator, operators stand in order.
struct ModelGraph {
    let tensors: [ModelTensor]
    let operations: [ModelOperation]
    /// Half-precision constants by the tensor that stands for them in single precision.
    let halves: [Int: Int]
    /// Index of the one input tensor.
    let input: Int
    let outputs: [Int]

    /// What a model for this device may need at most; a file that wants more is refused before memory is taken.
    enum Limit {
        static let entries = 4096
        static let rank = 4
        static let dimension = 1 << 16
        /// Floats in all weights together: 128 MiB.
        static let weights = 1 << 25
        /// Floats in all other tensors together: 64 MiB.
        static let activations = 1 << 24
        /// Window positions times window area, as XNNPACK keeps a pointer for each: 32 MiB.
        static let windowPlaces = 1 << 22
        static let outputs = 8
    }
}

/// A tensor as the file describes it.
struct ModelTensor {
    /// The numbers of TensorFlow Lite's `TensorType`.
    enum ElementType: Int8 {
        case float32 = 0
        case float16 = 1
        case int32 = 2

        var size: Int {
            switch self {
            case .float32, .int32: 4
            case .float16: 2
            }
        }
    }

    let index: Int
    let name: String
    let shape: [Int]
    let elementCount: Int
    /// `nil` for a type that is not read here.
    let type: ElementType?
    /// The bytes of a constant; empty for values that are computed.
    let data: FlatVector
    let isSparse: Bool
    /// Where the file describes it.
    let offset: Int

    var title: String { "\(index) \"\(name)\"" }
    var isConstant: Bool { data.count > 0 }
}

/// One step of a model; the numbers are indices of tensors.
struct ModelOperation {
    enum Kind {
        case add(clamped: Bool)
        case averagePool(Window)
        /// Appends whole tensors; always the last step to an output.
        case concatenation(parts: [Int])
        case convolution(Window, filter: Int, bias: Int, clamped: Bool)
        case depthwiseConvolution(Window, filter: Int, bias: Int, clamped: Bool)
        case fullyConnected(filter: Int, bias: Int?, clamped: Bool)
        case maximumPool(Window)
        case pad(before: [Int], after: [Int])
        case parametricRelu(slope: Int)
        case relu
        case reshape
    }

    let kind: Kind
    /// The computed tensors that it reads: two for an addition, else one; the parts for a concatenation.
    let inputs: [Int]
    let output: Int
    /// Index and name, as in `7 (CONV_2D)`.
    let title: String
}

/// How a filter or pool slides over rows and columns.
struct Window {
    let height: Int
    let width: Int
    let strideHeight: Int
    let strideWidth: Int
    /// TensorFlow's SAME: zeros around the input, so that the output is ⌈input / stride⌉; otherwise none.
    let isSame: Bool

    /// Rows and columns of the result; `nil` when the window does not fit.
    func outputSize(height inputHeight: Int, width inputWidth: Int) -> (height: Int, width: Int)? {
        func steps(_ input: Int, _ size: Int, _ stride: Int) -> Int? {
            if isSame { return (input + stride - 1) / stride }
            return input < size ? nil : (input - size) / stride + 1
        }
        guard let rows = steps(inputHeight, height, strideHeight),
            let columns = steps(inputWidth, width, strideWidth)
        else { return nil }
        return (rows, columns)
    }
}
