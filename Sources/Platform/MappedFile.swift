import Glibc

/// A whole file mapped for reading: its pages stay the kernel's and count once for all processes.
@safe package struct MappedFile: ~Copyable, @unchecked Sendable {
    package let count: Int
    private let start: UnsafeRawPointer

    /// Maps `path`; an empty file throws `EINVAL`, as `mmap` does.
    package init(path: String) throws(Errno) {
        let file = try OwnedDescriptor(opening: path, flags: O_RDONLY)
        let size = try file.fileSize()
        let mapping = unsafe file.withRaw { unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, $0, 0) }
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { throw .current }
        self.count = size
        unsafe self.start = UnsafeRawPointer(mapping)
    }

    deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: start), count) }

    package borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: start, count: count).bytes)
    }
}
