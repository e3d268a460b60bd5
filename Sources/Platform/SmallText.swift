import Glibc

/// The text of a small file of the kernel, such as one of procfs or sysfs, without its last line end.
///
/// `nil` when it cannot be read; what follows the first 16 KiB is left out.
package func smallText(of path: String) -> String? {
    guard let file = try? OwnedDescriptor(opening: path, flags: O_RDONLY) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16 << 10)
    let count = try? file.withRaw { raw throws(Errno) in
        try retrying { unsafe read(raw, &bytes, bytes.count) }
    }
    guard let count, count > 0 else { return nil }
    let text = bytes[..<count]
    return String(decoding: text.last == 0x0A ? text.dropLast() : text, as: UTF8.self)
}
