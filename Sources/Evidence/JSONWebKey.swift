package import Platform

/// A public key as RFC 8037 writes it, with its thumbprint as the name.
package struct JSONWebKey: Codable, Hashable, Sendable {
    package var kty: String
    package var crv: String
    /// The 32 bytes in base64url.
    package var x: String
    /// The thumbprint of RFC 7638, which every signature names.
    package var kid: String

    package init(_ key: PublicKey) {
        let x = Base64URL.string(key.bytes)
        let canonical = Array(#"{"crv":"Ed25519","kty":"OKP","x":"\#(x)"}"#.utf8)
        self.kty = "OKP"
        self.crv = "Ed25519"
        self.x = x
        self.kid = Base64URL.string(Digest(of: canonical).bytes)
    }

    /// The key itself; `nil` when this is no Ed25519 key or its name is not its thumbprint.
    package var publicKey: PublicKey? {
        guard kty == "OKP", crv == "Ed25519", let bytes = Base64URL.decode(x), let key = PublicKey(copying: bytes),
            JSONWebKey(key).kid == kid
        else { return nil }
        return key
    }
}
