import CSodium
import Glibc
import Synchronization

/// Memory for pixels, portraits and templates: locked, kept out of core dumps, zeroed when dropped.
///
/// Each value is one `sodium_malloc` block between guard pages, aligned to 64 bytes and zero at first.
/// Making one costs some microseconds and whole pages; the frame path makes none.
/// Thread-bound like any value; the owner may hand it to another thread.
@safe package struct SecureBytes: ~Copyable, @unchecked Sendable {
    package let count: Int
    private let start: UnsafeMutableRawPointer

    /// Allocates `count` zero bytes; running out of memory ends the process, as it does for `Array`.
    package init(count: Int, holding content: SecureMemory.Content) {
        precondition(count >= 0, "a block of \(count) bytes makes no sense")
        self.count = count
        unsafe self.start = SecureMemory.allocate(count, holding: content)
    }

    package init(copying bytes: RawSpan, holding content: SecureMemory.Content) {
        self.init(count: bytes.byteCount, holding: content)
        unsafe bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { unsafe start.copyMemory(from: base, byteCount: source.count) }
        }
    }

    deinit { unsafe SecureMemory.free(start) }

    package borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: start, count: count).bytes)
    }

    package mutating func withMutableBytes<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableRawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: start, count: count)
        var span = unsafe buffer.mutableBytes
        return try body(&span)
    }
}

/// The heap behind `SecureBytes`, also lent to C libraries that bring their own allocator hooks.
package enum SecureMemory {
    /// What a block is made for, so that the process can tell what it holds.
    package enum Content: Int, Hashable, Sendable, CaseIterable {
        /// Pixels of frames and what is derived from them.
        case frames
        /// The ID portrait.
        case portrait
        case templates
        /// Weights of the neural networks and what they compute.
        case networks
        /// Bytes of clients' messages, which may hold a portrait.
        case messages
        case keys
        /// The simulated person, who is nobody.
        case simulation
    }

    /// Bytes that are allocated now, rounded up to 64 per block.
    package static var allocatedByteCount: Int { Content.allCases.reduce(0) { $0 + byteCount(of: $1) } }

    /// Bytes that are allocated now for one kind of content, rounded up to 64 per block.
    package static func byteCount(of content: Content) -> Int {
        counts[content.rawValue].load(ordering: .relaxed)
    }

    /// Blocks that the kernel refused to lock, since the start; 0 on a device with the right `LimitMEMLOCK=`.
    package static var unlockedBlockCount: Int { unlocked.load(ordering: .relaxed) }

    private static let counts = InlineArray<7, Atomic<Int>> { _ in Atomic(0) }
    private static let unlocked = Atomic(0)
    private static let headerSize = 64
    private static let isReady = sodium_init() >= 0

    /// Returns a zeroed, locked block of at least `count` bytes, aligned to 64.
    @unsafe package static func allocate(_ count: Int, holding content: Content) -> UnsafeMutableRawPointer {
        precondition(isReady, "libsodium did not start")
        // sodium_malloc ends its block at a guard page, so only whole multiples of 64 are aligned to 64.
        let size = headerSize + max((count + 63) / 64 * 64, 64)
        guard let block = unsafe sodium_malloc(size) else { fatalError("no memory for \(count) locked bytes") }
        if unsafe mlock(block, size) != 0 { unlocked.add(1, ordering: .relaxed) }
        unsafe memset(block, 0, size)
        unsafe block.storeBytes(of: size, as: Int.self)
        unsafe block.storeBytes(of: content, toByteOffset: 8, as: Content.self)
        counts[content.rawValue].add(size - headerSize, ordering: .relaxed)
        return unsafe block + headerSize
    }

    /// Zeroes the block and gives it back; `block` came from `allocate`.
    @unsafe package static func free(_ block: UnsafeMutableRawPointer) {
        let whole = unsafe block - headerSize
        let content = unsafe whole.load(fromByteOffset: 8, as: Content.self)
        counts[content.rawValue].subtract(unsafe whole.load(as: Int.self) - headerSize, ordering: .relaxed)
        unsafe sodium_free(whole)
    }
}
