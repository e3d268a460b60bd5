package import Configuration
import Glibc
import Platform
import Ports

/// Why the operator's key cannot be used.
package struct SealingKeyFault: Fault, Hashable {
    package let path: String
    let detail: String

    package var problem: String { "The operator's key in \(path) cannot be used: \(detail)." }
    package var remedy: String { "Put the 32 bytes of an X25519 public key there in base 64, or set Template=no." }
}

extension Configuration {
    /// What is wrong with the policies' keys, each told once.
    package var sealingKeyFaults: [SealingKeyFault] {
        var faults: [SealingKeyFault] = []
        for policy in policies {
            do throws(SealingKeyFault) { _ = try policy.sealingKey() } catch {
                if !faults.contains(error) { faults.append(error) }
            }
        }
        return faults
    }
}

extension Policy {
    /// The key that templates are sealed for; `nil` when the policy hands none out.
    func sealingKey() throws(SealingKeyFault) -> SealingKey? {
        guard let path = templateKey else { return nil }
        var text = [UInt8](repeating: 0, count: 64)
        do throws(Errno) {
            let file = try OwnedDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
            let count = try file.withRaw { raw throws(Errno) in
                try retrying { unsafe text.withUnsafeMutableBytes { unsafe read(raw, $0.baseAddress, $0.count) } }
            }
            text.removeLast(text.count - count)
        } catch {
            throw SealingKeyFault(path: path, detail: "\(error)")
        }
        let digits = String(decoding: text, as: UTF8.self).filter { !$0.isWhitespace && $0 != "=" }
        let bytes = Base64URL.decode(String(digits.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }))
        guard let bytes, let key = SealingKey(copying: bytes) else {
            throw SealingKeyFault(path: path, detail: "it is no key")
        }
        return key
    }
}
