package import Platform

/// One message as the reader leaves it.
package struct ScannedMessage: ~Copyable {
    /// The value of the member `method` or `error`; `nil` when there is none.
    package var method: String?
    package var error: String?
    package var isOneway = false
    package var wantsMore = false
    package var continues = false
    /// The JSON text of `parameters`, an object, in which an empty string stands for the secret; `{}` when absent.
    package var parameters: [UInt8] = Array("{}".utf8)
    /// The decoded secret.
    package var secret: SecureBytes?
}

/// Reads one message without letting a secret parameter out of secure memory.
///
/// Of the message only names, flags and the parameters around the secret are copied.
package enum MessageScanner {
    /// Where in a message a base 64 secret stands, such as `["parameters", "request", "portrait"]`.
    package typealias SecretPath = [String]

    private static let members = ["method", "error", "oneway", "more", "continues", "upgrade", "parameters"]
    private static let longestName = 255

    /// Scans `message`, which does not include the terminating NUL.
    ///
    /// `longestText` bounds the bytes beside the secret: what is sent in the wrong place is refused before it is
    /// copied, and nobody can make the scan of a long message last.
    package static func scan(
        _ message: RawSpan, secretPath: SecretPath?, longestText: Int = .max
    ) throws(WireFault) -> ScannedMessage {
        let bytes = unsafe message._unsafeView(as: UInt8.self)
        let secretPath = secretPath.map { (whole: $0.joined(separator: "."), parameter: $0.last ?? "") }
        let json: JSONScanner
        do throws(WireFault) {
            json = try JSONScanner(
                JSONMembers(members + (secretPath.map { [$0.whole] } ?? [])), in: bytes, longestText: longestText,
                besides: secretPath?.whole)
        } catch {
            guard let secretPath, error == .repeated(member: secretPath.whole) else { throw error }
            throw .badSecret(parameter: secretPath.parameter)
        }
        guard !json.hasOtherMembers else { throw .malformed(detail: "it has a member that Varlink does not know") }
        let found = json.found
        guard try !flag("upgrade", found) else { throw .malformed(detail: "upgrade is not supported") }
        var result = ScannedMessage()
        result.method = try name("method", found, in: bytes)
        result.error = try name("error", found, in: bytes)
        result.isOneway = try flag("oneway", found)
        result.wantsMore = try flag("more", found)
        result.continues = try flag("continues", found)
        let secret = secretPath.flatMap { found[$0.whole] }
        if let parameters = found["parameters"], parameters.kind != .null {
            result.parameters = try text(of: parameters, without: secret, in: bytes)
        }
        if let secretPath, let secret {
            result.secret = try Base64.decode(secret, in: bytes)
            if result.secret == nil { throw .badSecret(parameter: secretPath.parameter) }
        }
        return result
    }

    /// The string that is the value of a member of `object`; `nil` when there is none.
    package static func string(_ name: String, in object: RawSpan) throws(WireFault) -> String? {
        let bytes = unsafe object._unsafeView(as: UInt8.self)
        return try self.name(name, try JSONScanner(JSONMembers([name]), in: bytes).found, in: bytes)
    }

    private static func name(
        _ member: String, _ found: [String: JSONValue], in bytes: Span<UInt8>
    ) throws(WireFault) -> String? {
        guard let value = found[member], value.kind != .null else { return nil }
        guard value.range.count <= longestName, let name = try value.string(in: bytes) else {
            throw .malformed(detail: "\(member) is no name")
        }
        return name
    }

    private static func flag(_ member: String, _ found: [String: JSONValue]) throws(WireFault) -> Bool {
        switch found[member]?.kind {
        case .none, .null: return false
        case .boolean(let value): return value
        case .object, .array, .string, .number: throw .malformed(detail: "\(member) is no boolean")
        }
    }

    private static func text(
        of parameters: JSONValue, without secret: JSONValue?, in bytes: Span<UInt8>
    ) throws(WireFault) -> [UInt8] {
        guard parameters.kind == .object else { throw .malformed(detail: "parameters is not an object") }
        let hole = secret?.range ?? parameters.range.upperBound..<parameters.range.upperBound
        var text: [UInt8] = []
        text.reserveCapacity(parameters.range.count - hole.count + 2)
        for index in parameters.range.lowerBound..<hole.lowerBound { text.append(bytes[index]) }
        if secret != nil { text.append(contentsOf: "\"\"".utf8) }
        for index in hole.upperBound..<parameters.range.upperBound { text.append(bytes[index]) }
        return text
    }
}
