import Platform
import Varlink

/// One Varlink message with a secret in it.
struct MessageTarget: FuzzTarget {
    static let name = "varlink-message"
    static let longest = 16 << 10
    static let secretPath = ["parameters", "request", "portrait"]

    static var seeds: [[UInt8]] {
        [
            #"{"method":"a.b.C","parameters":{"request":{"portrait":"/9j/2Q==","x":[1,-2.5e3,null]}},"more":true}"#,
            #"{"error":"a.b.E","parameters":{"problem":"\ud83d\ude00 \"é\n"},"continues":false}"#,
            #" { "method" : "a.b.C", "oneway":true, "upgrade":false, "parameters":null } "#,
        ].map { Array($0.utf8) }
    }

    func run(_ bytes: [UInt8]) {
        guard
            let message = try? unsafe MessageScanner.scan(
                bytes.span.bytes, secretPath: Self.secretPath, longestText: 8 << 10)
        else { return }
        precondition(message.parameters.count <= 8 << 10 + 2, "the limit of the text holds")
        // Without the secret the parameters are still an object, and the secret is a short string.
        let again = Array(#"{"parameters":"#.utf8) + message.parameters + Array("}".utf8)
        guard var copy = try? unsafe MessageScanner.scan(again.span.bytes, secretPath: Self.secretPath) else {
            preconditionFailure("the parameters are an object")
        }
        precondition(copy.parameters == message.parameters, "reading changes nothing")
        let hadSecret = message.secret != nil
        if let secret = copy.secret.take() {
            precondition(hadSecret && secret.count == 0, "the secret is cut out")
        } else {
            precondition(!hadSecret, "the place of the secret stays")
        }
    }
}
