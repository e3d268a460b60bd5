import CLinux
import Glibc

/// A file descriptor with exactly one owner.
///
/// Leaving scope closes it. Call `close()` when a failed close must be noticed.
package struct OwnedDescriptor: ~Copyable, Sendable {
    private let raw: CInt

    /// Takes ownership of `raw`; the caller must not close it afterwards.
    package init(taking raw: CInt) { self.raw = raw }

    package init(opening path: String, flags: CInt, mode: UInt32 = 0o600) throws(Errno) {
        self.raw = try retrying { unsafe open(path, flags | O_CLOEXEC, mode) }
    }

    deinit { _ = Glibc.close(raw) }

    /// Lends the number for one call; it must not outlive the closure.
    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (CInt) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(raw)
    }

    /// Closes now and reports failure.
    ///
    /// `EINTR` still means closed on Linux.
    package consuming func close() throws(Errno) {
        let raw = raw
        discard self
        if Glibc.close(raw) == -1, errno != EINTR { throw .current }
    }

    /// Reserves room on the disk behind `offset` without changing the file's size; file systems without this promise
    /// nothing.
    package borrowing func reserve(behind offset: Int, count: Int) throws(Errno) {
        let status = clx_reserve(raw, Int64(offset), Int64(count))
        if status < 0, ![EOPNOTSUPP, ENOSYS].contains(-status) { throw Errno(-status) }
    }

    /// Writes all of `bytes`, or throws.
    package borrowing func writeAll(_ bytes: RawSpan) throws(Errno) { try Platform.writeAll(bytes, to: raw) }

    /// Bytes of the file.
    package borrowing func fileSize() throws(Errno) -> Int {
        var status = stat()
        try retrying { unsafe fstat(raw, &status) }
        return Int(status.st_size)
    }

    /// Gives the number away, for example across `exec`.
    package consuming func release() -> CInt {
        let raw = raw
        discard self
        return raw
    }
}

/// Writes all of `bytes`, however often the kernel takes a part only.
package func writeAll(_ bytes: RawSpan, to descriptor: CInt) throws(Errno) {
    var rest = bytes
    while rest.byteCount > 0 {
        let count = try retrying {
            unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        }
        guard count > 0 else { throw Errno(EIO) }
        rest = rest.extracting(droppingFirst: count)
    }
}
