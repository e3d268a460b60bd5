import Glibc
import Platform

extension OwnedDescriptor {
    /// Returns when the content is on the disk.
    borrowing func synchronise() throws(Errno) {
        try withRaw { raw throws(Errno) in _ = try retrying { fdatasync(raw) } }
    }

    borrowing func truncate(to count: Int) throws(Errno) {
        try withRaw { raw throws(Errno) in _ = try retrying { ftruncate(raw, off_t(count)) } }
    }

    /// Reads up to `count` bytes from `offset` on; fewer at the end of the file.
    borrowing func bytes(at offset: Int, count: Int) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let part = try withRaw { raw throws(Errno) in
                try retrying {
                    unsafe bytes.withUnsafeMutableBytes { bytes in
                        unsafe pread(
                            raw, bytes.baseAddress.map { unsafe $0 + filled }, count - filled, off_t(offset + filled))
                    }
                }
            }
            if part == 0 { break }
            filled += part
        }
        return Array(bytes.prefix(filled))
    }
}

/// Small files of the state folder.
enum StateFile {
    /// Reads the whole content; `nil` when there is no such file, and an error when it is larger than `limit`.
    static func read(_ path: String, limit: Int) throws(Errno) -> [UInt8]? {
        do throws(Errno) {
            let file = try OwnedDescriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW)
            let bytes = try file.bytes(at: 0, count: limit + 1)
            guard bytes.count <= limit else { throw Errno(EFBIG) }
            return bytes
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    /// Replaces the file as a whole: a reader, or the next start, finds the old content or the new one.
    ///
    /// When it is `synchronised`, no loss of power brings the old one back. A half-written new one does not stay, as it
    /// would take up room where there is none.
    static func replace(_ path: String, with bytes: [UInt8], synchronised: Bool) throws(Errno) {
        let fresh = path + ".new"
        do throws(Errno) {
            let file = try OwnedDescriptor(
                opening: fresh, flags: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
            try unsafe file.writeAll(bytes.span.bytes)
            if synchronised { try file.synchronise() }
            try retrying { unsafe rename(fresh, path) }
        } catch {
            _ = unsafe unlink(fresh)
            throw error
        }
        if synchronised { try synchroniseFolder(of: path) }
    }

    /// Makes sure that a file's name is on the disk.
    static func synchroniseFolder(of path: String) throws(Errno) {
        let end = path.lastIndex(of: "/")
        try synchroniseFolder(end.map { String(path[...$0]) } ?? ".")
    }

    /// Makes sure that names made or removed in a folder are on the disk.
    static func synchroniseFolder(_ path: String) throws(Errno) {
        let folder = try OwnedDescriptor(opening: path, flags: O_RDONLY | O_DIRECTORY)
        try folder.withRaw { raw throws(Errno) in _ = try retrying { fsync(raw) } }
    }
}
