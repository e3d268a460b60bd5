/// The URL-safe base 64 without padding of RFC 4648 section 5, as JOSE uses it.
package enum Base64URL {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let invalid: UInt8 = 0xFF
    /// By byte.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var (bits, count) = (UInt32(0), 0)
        for byte in bytes {
            bits = (bits << 8 | UInt32(byte)) & 0xFFFF
            count += 8
            while count >= 6 {
                count -= 6
                text.append(digits[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { text.append(digits[Int(bits << UInt32(6 - count) & 63)]) }
        return text
    }

    package static func string(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: encode(bytes), as: UTF8.self)
    }

    /// Replaces the content of `output`; `false` when `text` is no canonical base64url.
    package static func decode(_ text: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        output.removeAll(keepingCapacity: true)
        guard text.count % 4 != 1 else { return false }
        output.reserveCapacity(text.count * 3 / 4)
        var (bits, count, seen) = (UInt32(0), UInt32(0), UInt8(0))
        let values = values
        for index in text.indices {
            let value = values[Int(text[index])]
            seen |= value & 0x80
            bits = bits << 6 | UInt32(value & 63)
            count += 6
            if count >= 8 {
                count -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return seen == 0 && bits & (1 << count - 1) == 0
    }

    /// The bytes that `text` stands for; `nil` when it is no canonical base64url.
    package static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        let text = Array(text.utf8)
        return decode(text.span, into: &bytes) ? bytes : nil
    }
}
