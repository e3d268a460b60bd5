import Glibc
import Interface
import Platform

/// What a backend must know of a device.
struct Identity: Encodable {
    var device: String
    var key: Device.PublicKey
}

/// Prints the identity as one line of JSON, or writes it to a new file; one that says the same is left.
func export(_ identity: Identity, _ arguments: Arguments) -> ExitStatus {
    let text = WireCoding.encode(identity) + [UInt8(ascii: "\n")]
    guard let path = arguments.output else {
        printError("identity: register this at the backend")
        print(String(decoding: text.dropLast(), as: UTF8.self))
        return .success
    }
    do throws(Errno) {
        try create(path, text)
        printError("identity: written to \(path); register it at the backend")
        return .success
    } catch {
        if error.code == EEXIST, content(of: path) == text {
            printError("identity: written to \(path) before")
            return .success
        }
        printError("identity: \(refusal(to: path, error))")
        return .refusedInput
    }
}

private func content(of path: String) -> [UInt8]? {
    guard let file = try? MappedFile(path: path) else { return nil }
    return file.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe Array($0) } }
}
