package import Platform

/// Writes a call whose parameters hold a secret, such as a portrait, without the secret leaving secure memory.
///
/// `parameters` is the JSON text with an empty string as the value of the member `name`, at whose place the
/// base64 of `secret` goes. Returns the message with its NUL, or `nil` when the text has no such place.
package func secretCall(
    _ method: String, parameters: String, name: String, secret: borrowing SecureBytes, more: Bool
) -> SecureBytes? {
    let place = Array("\"\(name)\":\"".utf8)
    let text = Array(parameters.utf8)
    let start = text.indices.first { text[$0...].starts(with: place) }.map { $0 + place.count }
    guard let start, start < text.count, text[start] == UInt8(ascii: "\"") else { return nil }
    let flag = more ? "\"more\":true," : ""
    let head = Array("{\"method\":\"\(method)\",\(flag)\"parameters\":".utf8) + text[..<start]
    let tail = text[start...] + Array("}\0".utf8)
    var message = SecureBytes(count: head.count + (secret.count + 2) / 3 * 4 + tail.count, holding: .messages)
    message.withMutableBytes { output in
        var place = 0
        func put(_ byte: UInt8) {
            output.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
            place += 1
        }
        head.forEach(put)
        secret.withBytes { encodeBase64($0, put) }
        tail.forEach(put)
    }
    return message
}

private func encodeBase64(_ bytes: RawSpan, _ put: (UInt8) -> Void) {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    func byte(_ index: Int) -> Int {
        index < bytes.byteCount ? Int(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) : 0
    }
    for start in stride(from: 0, to: bytes.byteCount, by: 3) {
        let bits = byte(start) << 16 | byte(start + 1) << 8 | byte(start + 2)
        for index in 0..<4 {
            put(start + index <= bytes.byteCount ? digits[bits >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
        }
    }
}
