/// Why a picture cannot be read.
package enum ImagingFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes are no picture of the format they claim to be, or end too early.
    case corrupt(detail: String)
    /// A picture, but of a kind that is not read: `format` names it.
    case unsupported(format: String)
    /// Pixels of a picture that exceeds the decoder's memory.
    case tooLarge(width: Int, height: Int)

    package var description: String {
        switch self {
        case .corrupt(let detail): "The picture cannot be decoded: \(detail)."
        case .unsupported(let format): "The picture is \(format), which is not read here."
        case .tooLarge(let width, let height): "The picture of \(width)×\(height) pixels is too large."
        }
    }
}
