package import Platform
import Synchronization

/// A fixed set of frame buffers in secure memory, allocated once.
///
/// `lease()` never blocks and never allocates: when every buffer is out it returns
/// `nil` and the caller drops the frame. One bit of `free` stands for one buffer.
/// Dropping the pool, after its last lease, zeroes every pixel.
@safe package final class FramePool: Sendable {
    /// As many buffers as one machine word has bits; V4L2 itself stops at 32.
    package static let maximumCapacity = 64

    package let capacity: Int
    package let bytesPerFrame: Int

    // Sendable by hand: disjoint buffers, each reached only through its one lease.
    private nonisolated(unsafe) let slab: UnsafeMutableRawPointer
    private let spacing: Int
    private let free: Atomic<UInt64>

    package init(capacity: Int, bytesPerFrame: Int) {
        precondition((1...Self.maximumCapacity).contains(capacity), "capacity \(capacity) is outside 1...64")
        precondition(bytesPerFrame > 0, "a frame needs at least one byte")
        let cacheLine = 64
        self.capacity = capacity
        self.bytesPerFrame = bytesPerFrame
        self.spacing = (bytesPerFrame + cacheLine - 1) / cacheLine * cacheLine
        unsafe self.slab = SecureMemory.allocate(spacing * capacity, holding: .frames)
        self.free = Atomic(capacity == 64 ? .max : (1 << UInt64(capacity)) - 1)
    }

    deinit { unsafe SecureMemory.free(slab) }

    /// Borrows a buffer until the lease is dropped; `nil` when all are out.
    package func lease() -> FrameLease? {
        var seen = free.load(ordering: .relaxed)
        while seen != 0 {
            let index = seen.trailingZeroBitCount
            let (won, current) = free.weakCompareExchange(
                expected: seen, desired: seen & ~(1 << UInt64(index)), ordering: .acquiringAndReleasing)
            if won { return FrameLease(pool: self, index: index) }
            seen = current
        }
        return nil
    }

    package var freeCount: Int { free.load(ordering: .relaxed).nonzeroBitCount }

    fileprivate func giveBack(_ index: Int) {
        let (before, _) = free.bitwiseOr(1 << UInt64(index), ordering: .releasing)
        assert(before & (1 << UInt64(index)) == 0, "buffer \(index) was given back twice")
    }

    fileprivate func bytes(at index: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: slab + index * spacing, count: bytesPerFrame)
    }
}

/// Exclusive use of one pool buffer; dropping it gives the buffer back.
package struct FrameLease: ~Copyable, Sendable {
    package var format = FrameFormat(.grey, width: 0, height: 0, stride: 0)
    /// The driver's frame counter; a gap means frames were lost before us.
    package var sequence: UInt32 = 0
    /// When the sensor delivered the frame.
    package var timestamp = Timestamp(nanoseconds: 0)
    /// How many bytes of the buffer the frame fills; V4L2 calls it `bytesused`.
    package var byteCount = 0 {
        didSet { precondition((0...pool.bytesPerFrame).contains(byteCount), "a frame cannot exceed its buffer") }
    }

    private let pool: FramePool
    private let index: Int

    fileprivate init(pool: FramePool, index: Int) {
        self.pool = pool
        self.index = index
    }

    deinit { pool.giveBack(index) }

    /// Lends the filled part.
    package borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(rebasing: pool.bytes(at: index)[..<byteCount]).bytes)
    }

    /// Lends the whole buffer for filling; set `byteCount` afterwards.
    package mutating func withMutableBytes<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableRawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe pool.bytes(at: index)
        var span = unsafe buffer.mutableBytes
        return try body(&span)
    }
}
