import Glibc
package import Platform

/// Reads and writes an Ed25519 private key as PKCS #8 in PEM (RFC 8410), as `openssl genpkey` does.
package enum KeyFile {
    private static let firstLine = Array("-----BEGIN PRIVATE KEY-----\n".utf8)
    private static let lastLine = Array("\n-----END PRIVATE KEY-----\n".utf8)
    /// The DER of PrivateKeyInfo up to the 32 bytes of the seed.
    private static let prefix: [UInt8] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]
    private static let textByteCount = 64

    /// Reads a key that nobody but its owner can read; the owner must be this process's user or root.
    ///
    /// systemd hands credentials out readable for the owner's group as well, which it sets itself.
    package static func read(_ path: String, isCredential: Bool = false) throws(EvidenceFault) -> SigningKey {
        let file = try naming(path) { () throws(Errno) in
            try OwnedDescriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW)
        }
        try check(file, path, forbidden: isCredential ? 0o037 : 0o077)
        var text = SecureBytes(count: firstLine.count + textByteCount + lastLine.count + 1, holding: .keys)
        let count = text.withMutableBytes { bytes in
            unsafe bytes.withUnsafeMutableBytes { bytes in
                file.withRaw { raw in unsafe Glibc.read(raw, bytes.baseAddress, bytes.count) }
            }
        }
        guard count == text.count - 1 || count == text.count - 2 else {
            throw .badKey(path: path, detail: "it is no PKCS #8 file of an Ed25519 key")
        }
        guard let seed = seed(in: text) else {
            throw .badKey(path: path, detail: "it is no PKCS #8 file of an Ed25519 key")
        }
        return SigningKey(seed: seed)
    }

    /// Writes a new file that only its owner can read, and makes sure that it is on the disk; else there is none.
    package static func write(_ key: borrowing SigningKey, to path: String) throws(EvidenceFault) {
        var text = SecureBytes(count: firstLine.count + textByteCount + lastLine.count, holding: .keys)
        key.withSeed { seed in fill(&text, with: seed) }
        try naming(path) { () throws(Errno) in
            let file = try OwnedDescriptor(opening: path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            do throws(Errno) {
                try text.withBytes { bytes throws(Errno) in try file.writeAll(bytes) }
                try file.synchronise()
                try StateFile.synchroniseFolder(of: path)
            } catch {
                _ = unsafe unlink(path)
                throw error
            }
        }
    }

    private static func check(_ file: borrowing OwnedDescriptor, _ path: String, forbidden: UInt32)
        throws(EvidenceFault)
    {
        var status = stat()
        guard file.withRaw({ unsafe fstat($0, &status) }) == 0 else { throw .system(path, .current) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .badKey(path: path, detail: "it is no file") }
        let isOurs = status.st_uid == geteuid() || status.st_uid == 0
        guard isOurs, status.st_mode & forbidden == 0 else { throw .exposed(path: path) }
    }

    /// Decodes in secure memory; both line ends of the PEM are optional at the end.
    private static func seed(in text: borrowing SecureBytes) -> SecureBytes? {
        var der = SecureBytes(count: prefix.count + SigningKey.seedByteCount, holding: .keys)
        let isDecoded = text.withBytes { text in
            der.withMutableBytes { der in
                for (index, byte) in firstLine.enumerated() where self.byte(text, index) != byte { return false }
                let end = firstLine.count + textByteCount
                for (index, byte) in lastLine.dropLast().enumerated() where self.byte(text, end + index) != byte {
                    return false
                }
                var (bits, place) = (UInt32(0), 0)
                for index in 0..<textByteCount {
                    guard let value = value(ofDigit: byte(text, firstLine.count + index)) else { return false }
                    bits = bits << 6 | value
                    if index % 4 == 3 {
                        for shift: UInt32 in [16, 8, 0] {
                            der.storeBytes(
                                of: UInt8(truncatingIfNeeded: bits >> shift), toByteOffset: place, as: UInt8.self)
                            place += 1
                        }
                        bits = 0
                    }
                }
                return true
            }
        }
        guard isDecoded else { return nil }
        return der.withBytes { der in
            for (index, byte) in prefix.enumerated() where self.byte(der, index) != byte { return nil }
            return SecureBytes(copying: der.extracting(last: SigningKey.seedByteCount), holding: .keys)
        }
    }

    private static func fill(_ text: inout SecureBytes, with seed: RawSpan) {
        text.withMutableBytes { output in
            var place = 0
            func put(_ byte: UInt8) {
                output.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
                place += 1
            }
            firstLine.forEach(put)
            func derByte(_ index: Int) -> UInt32 {
                UInt32(index < prefix.count ? prefix[index] : byte(seed, index - prefix.count))
            }
            for start in stride(from: 0, to: prefix.count + SigningKey.seedByteCount, by: 3) {
                let bits = derByte(start) << 16 | derByte(start + 1) << 8 | derByte(start + 2)
                for shift: UInt32 in [18, 12, 6, 0] { put(digit(ofValue: UInt8(bits >> shift & 63))) }
            }
            lastLine.forEach(put)
        }
    }

    private static func byte(_ bytes: RawSpan, _ index: Int) -> UInt8 {
        precondition(index < bytes.byteCount, "byte \(index) of \(bytes.byteCount)")
        return unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    /// The standard alphabet, without tables that the secret would index.
    private static func value(ofDigit digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static func digit(ofValue value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
