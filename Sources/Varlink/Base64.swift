import Platform

/// Base 64 (RFC 4648) from JSON strings into secure memory.
enum Base64 {
    /// Decodes a JSON string, either alphabet, padded or not; `nil` when it is no canonical base 64.
    ///
    /// JSON escapes may stand for characters of it, as some encoders write `\/` and `\u002B`.
    static func decode(_ value: JSONValue, in bytes: Span<UInt8>) throws(WireFault) -> SecureBytes? {
        guard value.kind == .string, let symbolCount = try count(value, in: bytes) else { return nil }
        var decoded = SecureBytes(count: symbolCount / 4 * 3 + max(symbolCount % 4 - 1, 0))
        var cursor = JSONStringCursor(position: value.range.lowerBound + 1)
        let leftOver = try decoded.withMutableBytes { output throws(WireFault) -> UInt32 in
            var (bits, bitCount, offset) = (UInt32(0), 0, 0)
            while let value = symbol(try cursor.next(in: bytes)) {
                bits = (bits << 6 | value) & 0xFFFF
                bitCount += 6
                if bitCount >= 8 {
                    bitCount -= 8
                    output.storeBytes(
                        of: UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)), toByteOffset: offset, as: UInt8.self)
                    offset += 1
                }
            }
            return bits & (1 << UInt32(bitCount) - 1)
        }
        if leftOver != 0 { return nil }
        return decoded
    }

    /// Counts the symbols before the padding and checks that there is nothing else.
    private static func count(_ value: JSONValue, in bytes: Span<UInt8>) throws(WireFault) -> Int? {
        var cursor = JSONStringCursor(position: value.range.lowerBound + 1)
        var (symbols, padding) = (0, 0)
        while let scalar = try cursor.next(in: bytes) {
            if scalar == "=" {
                padding += 1
            } else if padding == 0, symbol(scalar) != nil {
                symbols += 1
            } else {
                return nil
            }
        }
        let isWhole = padding == 0 || (padding < 3 && (symbols + padding) % 4 == 0)
        return isWhole && symbols % 4 != 1 ? symbols : nil
    }

    private static func symbol(_ scalar: Unicode.Scalar?) -> UInt32? {
        guard let scalar else { return nil }
        return switch scalar {
        case "A"..."Z": scalar.value - 65
        case "a"..."z": scalar.value - 97 + 26
        case "0"..."9": scalar.value - 48 + 52
        case "+", "-": 62
        case "/", "_": 63
        default: nil
        }
    }
}
