/// Why a byte stream stopped being Varlink.
package enum WireFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer sent `limit` bytes without ending a message.
    case messageTooLong(limit: Int)
    /// The message has more than `limit` bytes beside the secret.
    case textTooLong(limit: Int)
    /// The message is not the JSON that Varlink asks for.
    case malformed(detail: String)
    /// A member that is looked for comes twice.
    case repeated(member: String)
    /// The value of a secret parameter is no string in base 64, or comes twice.
    case badSecret(parameter: String)

    /// From this byte on it is no JSON (RFC 8259) in valid UTF-8.
    static func notJSON(at position: Int) -> WireFault { .malformed(detail: "byte \(position) is no JSON") }

    package var description: String {
        switch self {
        case .messageTooLong(let limit): "A message exceeds \(limit) bytes."
        case .textTooLong(let limit): "A message exceeds \(limit) bytes beside its secret."
        case .malformed(let detail): "A message is malformed: \(detail)."
        case .repeated(let member): "The member \(member) comes twice."
        case .badSecret(let parameter): "The parameter \(parameter) is not base64, or comes twice."
        }
    }
}
