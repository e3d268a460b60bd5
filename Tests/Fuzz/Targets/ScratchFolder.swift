import Glibc
import Platform

/// A folder below `$TMPDIR` for readers that take paths; removed with its files when it is dropped.
final class ScratchFolder {
    let path: String
    private var names: Set<String> = []

    init() throws {
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/portraitfuzz-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw Errno.current }
        self.path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in names { unsafe unlink(path + "/" + name) }
        unsafe rmdir(path)
    }

    /// Where a file or socket of that name belongs.
    func place(_ name: String) -> String {
        names.insert(name)
        return path + "/" + name
    }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) -> String {
        let path = place(name)
        guard let file = try? OwnedDescriptor(opening: path, flags: O_WRONLY | O_CREAT | O_TRUNC),
            file.withRaw({ unsafe Glibc.write($0, bytes, bytes.count) }) == bytes.count
        else { fatalError("\(path) cannot be written") }
        return path
    }
}
