/// Why a model file cannot be run, and where in it the reason lies.
package struct ModelFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable {
        /// The file cannot be opened or mapped.
        case unreadable
        /// The bytes contradict the format or themselves.
        case malformed
        /// A right model, but with something that is not run here.
        case unsupported
        /// A number exceeds what a model for this device may need.
        case tooLarge
        /// XNNPACK refused what the reader let pass.
        case refused
    }

    package let kind: Kind
    /// The fact, without its place.
    package let detail: String
    /// Index in the file's list and name of the operator, as in `7 (CONV_2D)`.
    package internal(set) var operation: String?
    /// Index in the file's list and name of the tensor, as in `12 "conv2d/Kernel"`.
    package internal(set) var tensor: String?
    /// The byte of the file at which the reader stood.
    package internal(set) var offset: Int?

    init(_ kind: Kind, _ detail: String, tensor: ModelTensor? = nil, offset: Int? = nil) {
        self.kind = kind
        self.detail = detail
        self.tensor = tensor?.title
        self.offset = offset ?? tensor?.offset
    }

    package var description: String {
        var places: [String] = []
        if let operation { places.append("operator \(operation)") }
        if let tensor { places.append("tensor \(tensor)") }
        if let offset { places.append("byte \(offset)") }
        return places.isEmpty ? detail : places.joined(separator: ", ") + ": " + detail
    }

    /// The same fault, told with the operator in which it was met.
    func met(in operation: String, at offset: Int) -> ModelFault {
        var fault = self
        fault.operation = fault.operation ?? operation
        fault.offset = fault.offset ?? offset
        return fault
    }
}
