import CSodium

/// A SHA-256 digest (FIPS 180-4), written as 64 lower-case hexadecimal digits.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(of data: RawSpan) {
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        unsafe data.withUnsafeBytes { data in
            let start = unsafe data.bindMemory(to: UInt8.self).baseAddress
            _ = unsafe crypto_hash_sha256(&digest, start, UInt64(data.count))
        }
        self.bytes = digest
    }

    package init(of bytes: [UInt8]) { self = unsafe Digest(of: bytes.span.bytes) }

    /// Takes up a digest that was kept; `nil` unless it has 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Int(crypto_hash_sha256_BYTES) else { return nil }
        self.bytes = bytes
    }

    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
