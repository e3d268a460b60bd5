import FoundationEssentials
package import Platform

/// What a signed statement of the device is; `typ` in its header.
package enum StatementKind: String, Hashable, Sendable, CaseIterable {
    case receipt = "portraitd-receipt+jwt"
    /// A receipt that proves nothing: its frames came from no camera, and its key is thrown away.
    case rehearsal = "portraitd-rehearsal+jwt"
    /// A record of the log about itself: begin, turn-over, recovery, change of key.
    case checkpoint = "portraitd-checkpoint+jwt"
    /// Names the log's last record, kept apart from it.
    case head = "portraitd-head+jwt"
}

/// A compact JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), as this device makes and reads it.
package enum JSONWebSignature {
    /// Signs the JSON text `claims`.
    package static func make(
        _ kind: StatementKind, claims: [UInt8], key: borrowing SigningKey, keyName: String
    ) -> [UInt8] {
        var text = Base64URL.encode(header(kind, keyName: keyName))
        text.append(UInt8(ascii: "."))
        text += Base64URL.encode(claims)
        let signature = key.signature(of: text.span)
        text.append(UInt8(ascii: "."))
        text += Base64URL.encode(signature)
        return text
    }

    /// Names the key that a statement says it is signed with; `nil` when it is none.
    static func keyName(of text: [UInt8]) -> String? {
        struct Header: Decodable { var kid: String }
        guard let json = Base64URL.decode(String(decoding: text.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self))
        else { return nil }
        return (try? JSONDecoder().decode(Header.self, from: Data(json)))?.kid
    }

    fileprivate static func header(_ kind: StatementKind, keyName: String) -> [UInt8] {
        Array(#"{"alg":"EdDSA","kid":"\#(keyName)","typ":"\#(kind.rawValue)"}"#.utf8)
    }
}

/// Takes compact JWS texts apart and checks them, as fast as the signature allows; reuses its memory.
package struct JSONWebSignatureReader {
    private var signature: [UInt8] = []
    /// The JSON text of the last statement's claims.
    package private(set) var claims: [UInt8] = []
    /// The headers that the trusted keys may have, in base64url with the point behind.
    private var headers: [(kind: StatementKind, key: PublicKey, text: [UInt8])] = []

    package init() {}

    /// Trusts `key` for all kinds of statements from now on.
    package mutating func trust(_ key: PublicKey) {
        let name = JSONWebKey(key).kid
        for kind in StatementKind.allCases {
            let text = Base64URL.encode(JSONWebSignature.header(kind, keyName: name)) + [UInt8(ascii: ".")]
            headers.append((kind, key, text))
        }
    }

    /// Trusts no key any more.
    package mutating func forgetKeys() { headers = [] }

    /// Checks one statement, leaves its claims in `claims` and returns what it is and who signed it; `nil` when it
    /// is none, is not signed with a trusted key, or is not written as this device writes it.
    package mutating func read(_ text: Span<UInt8>) -> (kind: StatementKind, key: PublicKey)? {
        let header = headers.first { header in
            header.text.count < text.count && header.text.indices.allSatisfy { header.text[$0] == text[$0] }
        }
        guard let header, let end = split(text, from: header.text.count),
            header.key.verifies(signature, of: text.extracting(..<end))
        else { return nil }
        return (header.kind, header.key)
    }

    /// Takes a statement apart without checking its signature, as to find the key that it was signed with.
    package mutating func readUnchecked(_ text: Span<UInt8>) -> Bool {
        guard let point = text.indices.first(where: { text[$0] == UInt8(ascii: ".") }) else { return false }
        return split(text, from: point + 1) != nil
    }

    /// Decodes claims and signature, and returns where the signed part ends.
    private mutating func split(_ text: Span<UInt8>, from start: Int) -> Int? {
        guard text.count > start, let point = (start..<text.count).first(where: { text[$0] == UInt8(ascii: ".") }),
            Base64URL.decode(text.extracting(start..<point), into: &claims),
            Base64URL.decode(text.extracting((point + 1)...), into: &signature)
        else { return nil }
        return point
    }
}
