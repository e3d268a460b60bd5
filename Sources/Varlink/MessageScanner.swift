package import Platform

/// One message as the reader leaves it.
package struct ScannedMessage: ~Copyable {
    /// The value of the member `method` or `error`; `nil` when there is none.
    package var method: String?
    package var error: String?
    package var isOneway = false
    package var wantsMore = false
    package var continues = false
    /// The JSON text of `parameters`, an object, from which the secret was cut; `{}` when there is none.
    package var parameters: [UInt8] = Array("{}".utf8)
    /// The decoded secret; in the text an empty string stands in its place.
    package var secret: SecureBytes?
}

/// Reads one message without letting a secret parameter out of secure memory.
///
/// Strict: JSON as in RFC 8259, valid UTF-8, at most 32 levels, no escapes in member names
/// (or a secret could hide behind them).
@safe package struct MessageScanner: ~Copyable {
    /// Where in a message a base64 secret stands, such as `["parameters", "request", "portrait"]`.
    package typealias SecretPath = [String]

    private static let deepestLevel = 32

    private let bytes: UnsafeRawBufferPointer
    private let secretPath: [[UInt8]]
    private var at = 0
    private var secretRange: Range<Int>?
    private var members: [(name: [UInt8], value: Range<Int>)] = []

    /// Scans `message`, which does not include the terminating NUL.
    package static func scan(_ message: RawSpan, secretPath: SecretPath?) throws(WireFault) -> ScannedMessage {
        var result: ScannedMessage?
        var fault: WireFault?
        unsafe message.withUnsafeBytes { bytes in
            var scanner = unsafe MessageScanner(bytes: bytes, secretPath: secretPath ?? [])
            do throws(WireFault) { result = try scanner.message() } catch { fault = error }
        }
        if let fault { throw fault }
        guard let result else { throw .malformed(detail: "it is empty") }
        return result
    }

    /// The plain string that is the value of a member of `object`; `nil` when there is none.
    package static func string(_ name: String, in object: RawSpan) throws(WireFault) -> String? {
        var result: String?
        var fault: WireFault?
        unsafe object.withUnsafeBytes { bytes in
            var scanner = unsafe MessageScanner(bytes: bytes, secretPath: [])
            do throws(WireFault) {
                try scanner.topObject()
                let member = scanner.members.first { $0.name.elementsEqual(name.utf8) }
                if let member { result = try scanner.plainString(member.value) }
            } catch { fault = error }
        }
        if let fault { throw fault }
        return result
    }

    @unsafe private init(bytes: UnsafeRawBufferPointer, secretPath: SecretPath) {
        unsafe self.bytes = bytes
        self.secretPath = secretPath.map { Array($0.utf8) }
    }

    // MARK: The message

    private mutating func topObject() throws(WireFault) {
        skipSpace()
        guard peek() == UInt8(ascii: "{") else { throw .malformed(detail: "it is not an object") }
        try value(level: 0, onSecretPath: 0)
        skipSpace()
        guard peek() == nil else { throw .malformed(detail: "text follows the object") }
    }

    private mutating func message() throws(WireFault) -> ScannedMessage {
        try topObject()
        var message = ScannedMessage()
        for (name, range) in members {
            switch String(decoding: name, as: UTF8.self) {
            case "method": message.method = try plainString(range)
            case "error": message.error = try plainString(range)
            case "oneway": message.isOneway = try boolean(range)
            case "more": message.wantsMore = try boolean(range)
            case "continues": message.continues = try boolean(range)
            case "upgrade":
                if try boolean(range) { throw .malformed(detail: "upgrade is not supported") }
            case "parameters": message.parameters = try object(range)
            default: throw .malformed(detail: "it has a member that Varlink does not know")
            }
        }
        if let secretRange { message.secret = try decodeSecret(secretRange) }
        return message
    }

    /// A string that needs no unescaping, as all names of Varlink.
    private func plainString(_ range: Range<Int>) throws(WireFault) -> String {
        let text = copy(range)
        guard text.count >= 2, text.first == UInt8(ascii: "\""), !text.contains(UInt8(ascii: "\\")) else {
            throw .malformed(detail: "a name is not a plain string")
        }
        return String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
    }

    private func boolean(_ range: Range<Int>) throws(WireFault) -> Bool {
        switch String(decoding: copy(range), as: UTF8.self) {
        case "true": return true
        case "false", "null": return false
        default: throw .malformed(detail: "a flag is not a boolean")
        }
    }

    private func object(_ range: Range<Int>) throws(WireFault) -> [UInt8] {
        var text = copy(range.lowerBound..<(secretRange ?? range).lowerBound)
        text += copy((secretRange?.upperBound ?? range.lowerBound)..<range.upperBound)
        if text.elementsEqual("null".utf8) { return Array("{}".utf8) }
        guard text.first == UInt8(ascii: "{") else { throw .malformed(detail: "parameters is not an object") }
        return text
    }

    /// Copies text that holds nothing of the secret.
    private func copy(_ range: Range<Int>) -> [UInt8] { unsafe Array(bytes[range]) }

    // MARK: The secret

    /// Decodes base64 of either alphabet, with or without padding, straight into secure memory.
    private func decodeSecret(_ range: Range<Int>) throws(WireFault) -> SecureBytes {
        let fault = WireFault.badSecret(parameter: String(decoding: secretPath.last ?? [], as: UTF8.self))
        let (digits, isComplete) = countDigits(range)
        guard isComplete, digits % 4 != 1 else { throw fault }
        var secret = SecureBytes(count: digits * 3 / 4)
        secret.withMutableBytes { output in
            var (bits, bitCount, place): (UInt32, Int, Int) = (0, 0, 0)
            for index in range {
                guard let digit = Self.base64Digit(unsafe bytes[index]) else { continue }
                bits = bits << 6 | digit
                bitCount += 6
                if bitCount >= 8 {
                    bitCount -= 8
                    output.storeBytes(
                        of: UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)), toByteOffset: place, as: UInt8.self)
                    place += 1
                }
            }
        }
        return secret
    }

    /// How many base64 digits there are, and whether nothing else is there but padding at the end and `\/`.
    private func countDigits(_ range: Range<Int>) -> (Int, Bool) {
        var (digits, padding) = (0, 0)
        for index in range {
            let byte = unsafe bytes[index]
            if byte == UInt8(ascii: "=") {
                padding += 1
            } else if byte == UInt8(ascii: "\\") {
                guard index + 1 < range.upperBound, unsafe bytes[index + 1] == UInt8(ascii: "/") else {
                    return (0, false)
                }
            } else if Self.base64Digit(byte) != nil, padding == 0 {
                digits += 1
            } else {
                return (0, false)
            }
        }
        return (digits, padding == 0 || (padding <= 2 && (digits + padding) % 4 == 0))
    }

    private static func base64Digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) + 4
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }

    // MARK: JSON

    private func peek() -> UInt8? { unsafe at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
    }

    /// Passes over one value; `onSecretPath` tells how many names of the path led here, `nil` when off it.
    private mutating func value(level: Int, onSecretPath depth: Int?) throws(WireFault) {
        guard level < Self.deepestLevel else { throw .malformed(detail: "it is nested too deeply") }
        switch peek() {
        case UInt8(ascii: "{"): try container(level: level, onSecretPath: depth, closing: UInt8(ascii: "}"))
        case UInt8(ascii: "["): try container(level: level, onSecretPath: nil, closing: UInt8(ascii: "]"))
        case UInt8(ascii: "\""):
            let content = try string()
            if let depth, depth == secretPath.count, depth > 0 {
                guard secretRange == nil else {
                    throw .badSecret(parameter: String(decoding: secretPath[depth - 1], as: UTF8.self))
                }
                secretRange = content
            }
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func container(level: Int, onSecretPath depth: Int?, closing: UInt8) throws(WireFault) {
        let isObject = closing == UInt8(ascii: "}")
        at += 1
        skipSpace()
        if peek() == closing {
            at += 1
            return
        }
        while true {
            skipSpace()
            let name = isObject ? try memberName() : []
            let start = at
            let isNext = depth.map { $0 < secretPath.count && secretPath[$0] == name } ?? false
            try value(level: level + 1, onSecretPath: isNext ? depth.map { $0 + 1 } : nil)
            if level == 0, isObject {
                guard !members.contains(where: { $0.name == name }) else {
                    throw .malformed(detail: "a member comes twice")
                }
                members.append((name, start..<at))
            }
            skipSpace()
            let byte = peek()
            at += 1
            if byte == closing { return }
            guard byte == UInt8(ascii: ",") else { throw .malformed(detail: "a comma or a closing bracket is missing") }
        }
    }

    /// Reads a member's name and the colon after it.
    private mutating func memberName() throws(WireFault) -> [UInt8] {
        guard peek() == UInt8(ascii: "\"") else { throw .malformed(detail: "a member has no name") }
        let name = copy(try string())
        guard !name.contains(UInt8(ascii: "\\")) else { throw .malformed(detail: "a member's name is escaped") }
        skipSpace()
        guard peek() == UInt8(ascii: ":") else { throw .malformed(detail: "a colon is missing") }
        at += 1
        skipSpace()
        return name
    }

    /// Passes over a string and returns where its content stands.
    private mutating func string() throws(WireFault) -> Range<Int> {
        at += 1
        let start = at
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return start..<at - 1
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw .malformed(detail: "a string holds a control character")
            case 0x80...: try multibyte(byte)
            default: at += 1
            }
        }
        throw .malformed(detail: "a string does not end")
    }

    private mutating func escape() throws(WireFault) {
        at += 1
        guard let byte = peek() else { throw .malformed(detail: "a string does not end") }
        at += 1
        if byte == UInt8(ascii: "u") {
            for _ in 0..<4 {
                guard let digit = peek(), Character(UnicodeScalar(digit)).isHexDigit, digit < 0x80 else {
                    throw .malformed(detail: "an escape is not hexadecimal")
                }
                at += 1
            }
        } else if !"\"\\/bfnrt".utf8.contains(byte) {
            throw .malformed(detail: "an escape is unknown")
        }
    }

    /// Checks one multi-byte character against the table of well-formed UTF-8 (Unicode, table 3-7).
    private mutating func multibyte(_ first: UInt8) throws(WireFault) {
        let (count, second): (Int, ClosedRange<UInt8>) =
            switch first {
            case 0xC2...0xDF: (1, 0x80...0xBF)
            case 0xE0: (2, 0xA0...0xBF)
            case 0xED: (2, 0x80...0x9F)
            case 0xE1...0xEF: (2, 0x80...0xBF)
            case 0xF0: (3, 0x90...0xBF)
            case 0xF1...0xF3: (3, 0x80...0xBF)
            case 0xF4: (3, 0x80...0x8F)
            default: (0, 0...0)
            }
        guard count > 0 else { throw .malformed(detail: "it is not UTF-8") }
        for index in 1...count {
            at += 1
            guard let byte = peek(), (index == 1 ? second : 0x80...0xBF).contains(byte) else {
                throw .malformed(detail: "it is not UTF-8")
            }
        }
        at += 1
    }

    private mutating func word(_ word: String) throws(WireFault) {
        guard unsafe bytes[at...].starts(with: word.utf8) else { throw .malformed(detail: "a word is unknown") }
        at += word.utf8.count
    }

    private mutating func number() throws(WireFault) {
        if peek() == UInt8(ascii: "-") { at += 1 }
        let start = at
        try digits()
        if unsafe bytes[start] == UInt8(ascii: "0"), at - start > 1 {
            throw .malformed(detail: "a number starts with 0")
        }
        if peek() == UInt8(ascii: ".") {
            at += 1
            try digits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            at += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(WireFault) {
        let start = at
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
        if at == start { throw .malformed(detail: "a value is missing") }
    }
}
