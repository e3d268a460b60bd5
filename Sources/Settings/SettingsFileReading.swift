import Glibc
package import Platform

extension SettingsFile {
    /// Reads a regular file; of one that is too large as much as shows it.
    package init(reading path: String) throws(Errno) {
        // A pipe without a writer must not hold the opener up.
        let file = try OwnedDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
        self.init(name: path, text: try readText(of: file))
    }
}

extension SettingsFault {
    /// A file that could not be opened or read.
    package static func unreadable(_ file: String, _ errno: Errno) -> SettingsFault {
        SettingsFault(
            file: file, problem: "It cannot be read: \(errno).",
            remedy: "Check that it is a regular file that the service may read.")
    }
}

/// At most one byte more than a settings file may have, so that a longer one is refused by its reader.
private func readText(of file: borrowing OwnedDescriptor) throws(Errno) -> [UInt8] {
    try file.withRaw { raw throws(Errno) in
        var status = stat()
        try retrying { unsafe fstat(raw, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Errno(EINVAL) }
        var text = [UInt8](repeating: 0, count: SettingsFile.largestSize + 1)
        var count = 0
        while count < text.count {
            let got = try retrying {
                unsafe text.withUnsafeMutableBytes { text in
                    unsafe read(raw, text.baseAddress?.advanced(by: count), text.count - count)
                }
            }
            if got == 0 { break }
            count += got
        }
        return Array(text.prefix(count))
    }
}
