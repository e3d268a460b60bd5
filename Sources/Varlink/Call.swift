package import Platform

/// One method call that waits for its answer.
///
/// Thread-bound to the server's loop.
/// Exactly one final reply or error ends it; what comes after the end or after the caller left is dropped.
/// A call that is forgotten without an end closes its connection, so that no caller waits for nothing.
package final class Call {
    /// The fully qualified name, such as `io.portraitd.Device.GetStatus`.
    package let method: String
    /// The JSON text of the parameters, without the secret.
    package let parameters: [UInt8]
    package let wantsMore: Bool
    package let isOneway: Bool
    /// Numbers the connections of this process.
    package let connectionNumber: UInt64
    /// Called once when the caller leaves before the end.
    package var onHangUp: (() -> Void)?

    private var secret: SecureBytes?
    private weak var connection: Connection?
    private var hasEnded = false

    init(_ message: consuming ScannedMessage, method: String, connection: Connection) {
        self.method = method
        self.parameters = message.parameters
        self.wantsMore = message.wantsMore
        self.isOneway = message.isOneway
        self.connection = connection
        self.connectionNumber = connection.number
        self.secret = message.secret.take()
    }

    deinit {
        if !hasEnded { isOneway ? connection?.callEnded() : connection?.close() }
    }

    /// Hands out the secret parameter, once.
    package func takeSecret() -> SecureBytes? { secret.take() }

    /// Answers and ends the call; `json` is the text of an object.
    package func reply(_ json: [UInt8]) { end { Self.frame("{\"parameters\":", json, "}") } }

    /// Answers a call that wants more, with more to come.
    package func replyContinuing(_ json: [UInt8]) {
        guard !hasEnded, wantsMore, !isOneway else { return }
        connection?.send(Self.frame("{\"parameters\":", json, ",\"continues\":true}"))
    }

    /// Ends the call with an error by its fully qualified name.
    package func fail(_ error: String, _ json: [UInt8] = Array("{}".utf8)) {
        end { Self.frame("{\"error\":\"\(error)\",\"parameters\":", json, "}") }
    }

    /// Ends the call with an error of `org.varlink.service` that names one thing.
    func fail(standard error: String, _ field: String, _ value: String) {
        fail("org.varlink.service.\(error)", Array("{\"\(field)\":\(quoted(value))}".utf8))
    }

    package func failInvalidParameter(_ name: String) { fail(standard: "InvalidParameter", "parameter", name) }

    package func failMethodNotImplemented() {
        fail(standard: "MethodNotImplemented", "method", String(method.split(separator: ".").last ?? ""))
    }

    package func failExpectedMore() { fail("org.varlink.service.ExpectedMore") }

    func hangUp() {
        guard !hasEnded else { return }
        hasEnded = true
        onHangUp?()
        onHangUp = nil
    }

    private func end(_ message: () -> [UInt8]) {
        guard !hasEnded else { return }
        hasEnded = true
        onHangUp = nil
        if !isOneway { connection?.send(message()) }
        connection?.callEnded()
    }

    private static func frame(_ start: String, _ json: [UInt8], _ end: String) -> [UInt8] {
        Array(start.utf8) + json + Array(end.utf8) + [0]
    }
}

/// `text` as a JSON string.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\u{0}"..<"\u{20}":
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
