/// Why a byte stream stopped being Varlink.
package enum WireFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer sent `limit` bytes without ending a message.
    case messageTooLong(limit: Int)
    /// The message is not the JSON that Varlink asks for.
    case malformed(detail: String)
    /// The value of a secret parameter is not base64, or comes twice.
    case badSecret(parameter: String)

    package var description: String {
        switch self {
        case .messageTooLong(let limit): "A message exceeds \(limit) bytes."
        case .malformed(let detail): "A message is malformed: \(detail)."
        case .badSecret(let parameter): "The parameter \(parameter) is not base64, or comes twice."
        }
    }
}
