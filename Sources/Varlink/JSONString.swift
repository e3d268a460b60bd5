/// Reads the characters of a JSON string, escapes resolved, without copying it.
struct JSONStringCursor {
    /// The next byte to read; behind the closing quote at the end.
    private(set) var position: Int
    private(set) var isAtEnd = false

    /// Starts behind the opening quote.
    init(position: Int) { self.position = position }

    /// Returns the next character; `nil` at the closing quote.
    mutating func next(in bytes: Span<UInt8>) throws(WireFault) -> Unicode.Scalar? {
        let byte = try take(in: bytes)
        switch byte {
        case UInt8(ascii: "\""):
            isAtEnd = true
            return nil
        case UInt8(ascii: "\\"): return try escape(in: bytes)
        case 0x20..<0x80: return Unicode.Scalar(byte)
        case 0xC2..<0xE0: return try multiByte(byte & 0x1F, following: 1, from: 0x80, in: bytes)
        case 0xE0..<0xF0: return try multiByte(byte & 0x0F, following: 2, from: 0x800, in: bytes)
        case 0xF0..<0xF5: return try multiByte(byte & 0x07, following: 3, from: 0x10000, in: bytes)
        default: throw .notJSON(at: position - 1)
        }
    }

    /// Passes over characters that need no look, which is most of a long string, several times as fast as `next`.
    mutating func skipPlain(in bytes: Span<UInt8>) {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { return }
            position += 1
        }
    }

    private mutating func take(in bytes: Span<UInt8>) throws(WireFault) -> UInt8 {
        guard position < bytes.count else { throw .notJSON(at: bytes.count) }
        position += 1
        return bytes[position - 1]
    }

    private mutating func multiByte(
        _ lead: UInt8, following count: Int, from least: UInt32, in bytes: Span<UInt8>
    ) throws(WireFault) -> Unicode.Scalar {
        let start = position - 1
        var value = UInt32(lead)
        for _ in 0..<count {
            let byte = try take(in: bytes)
            guard byte & 0xC0 == 0x80 else { throw .notJSON(at: start) }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        guard value >= least, let scalar = Unicode.Scalar(value) else { throw .notJSON(at: start) }
        return scalar
    }

    private mutating func escape(in bytes: Span<UInt8>) throws(WireFault) -> Unicode.Scalar {
        let start = position - 1
        switch try take(in: bytes) {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var value = try codeUnit(in: bytes)
            if value & 0xFC00 == 0xD800 {
                guard try take(in: bytes) == UInt8(ascii: "\\"), try take(in: bytes) == UInt8(ascii: "u") else {
                    throw .notJSON(at: start)
                }
                let low = try codeUnit(in: bytes)
                guard low & 0xFC00 == 0xDC00 else { throw .notJSON(at: start) }
                value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
            }
            guard let scalar = Unicode.Scalar(value) else { throw .notJSON(at: start) }
            return scalar
        default: throw .notJSON(at: start)
        }
    }

    private mutating func codeUnit(in bytes: Span<UInt8>) throws(WireFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = try take(in: bytes)
            // Not by `Character`, which takes ten times as long.
            let digit =
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
                case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
                case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
                default: throw WireFault.notJSON(at: position - 1)
                }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}

extension JSONValue {
    /// Copies a string value out; `nil` for other kinds.
    func string(in bytes: Span<UInt8>) throws(WireFault) -> String? {
        guard kind == .string else { return nil }
        var cursor = JSONStringCursor(position: range.lowerBound + 1)
        var text = ""
        while let scalar = try cursor.next(in: bytes) { text.unicodeScalars.append(scalar) }
        return text
    }
}
