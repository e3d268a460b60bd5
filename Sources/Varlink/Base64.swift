import Platform

/// Base 64 (RFC 4648) from JSON strings into secure memory.
enum Base64 {
    /// Decodes a JSON string, either alphabet, padded or not; `nil` when it is no canonical base 64.
    ///
    /// JSON escapes may stand for characters of it, as some encoders write `\/` and `\u002B`.
    static func decode(_ value: JSONValue, in bytes: Span<UInt8>) throws(WireFault) -> SecureBytes? {
        guard value.kind == .string, let count = try count(value, in: bytes) else { return nil }
        var decoded = SecureBytes(count: count / 4 * 3 + max(count % 4 - 1, 0), holding: .portrait)
        let leftOver = try decoded.withMutableBytes { output throws(WireFault) -> UInt32 in
            var reader = Base64Reader(value)
            var (bits, bitCount, offset) = (UInt32(0), 0, 0)
            for _ in 0..<count {
                bits = (bits << 6 | UInt32(try reader.next(in: bytes))) & 0xFFFF
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

    /// Counts the symbols before the padding; `nil` when anything else is there or their number is impossible.
    private static func count(_ value: JSONValue, in bytes: Span<UInt8>) throws(WireFault) -> Int? {
        var reader = Base64Reader(value)
        var (symbols, padding) = (0, 0)
        while !reader.isAtEnd {
            switch try reader.next(in: bytes) {
            case Base64Reader.padding: padding += 1
            case 0..<64 where padding == 0: symbols += 1
            default: return nil
            }
        }
        let isWhole = padding == 0 || (padding < 3 && (symbols + padding) % 4 == 0)
        return isWhole && symbols % 4 != 1 ? symbols : nil
    }
}

/// Reads the characters of a JSON string as base 64 symbols.
private struct Base64Reader {
    static let padding: UInt8 = 64
    private static let other: UInt8 = 65

    /// By ASCII character, in either alphabet.
    private static let symbols: [UInt8] = {
        var symbols = [UInt8](repeating: other, count: 128)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
        for (value, character) in alphabet.utf8.enumerated() { symbols[Int(character)] = UInt8(value) }
        symbols[Int(UInt8(ascii: "-"))] = 62
        symbols[Int(UInt8(ascii: "_"))] = 63
        return symbols
    }()

    private let symbols = Base64Reader.symbols
    private var position: Int
    private let end: Int

    init(_ value: JSONValue) {
        self.position = value.range.lowerBound + 1
        self.end = value.range.upperBound - 1
    }

    var isAtEnd: Bool { position >= end }

    /// Returns the value of the next symbol, `padding`, or something greater.
    mutating func next(in bytes: Span<UInt8>) throws(WireFault) -> UInt8 {
        let byte = bytes[position]
        if byte < 128, byte != UInt8(ascii: "\\") {
            position += 1
            return symbols[Int(byte)]
        }
        var cursor = JSONStringCursor(position: position)
        let scalar = try cursor.next(in: bytes)
        position = cursor.position
        guard let scalar, scalar.value < 128 else { return Self.other }
        return symbols[Int(scalar.value)]
    }
}
