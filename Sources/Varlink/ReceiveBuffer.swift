import Glibc
import Platform

/// Bytes in secure memory that came from a client and are not handled yet.
///
/// Thread-bound. What leaves it is zeroed at once, so that a buffer can serve one client after another; the making of
/// a large one costs too much to be done at a client's pleasure.
final class ReceiveBuffer {
    private var bytes: SecureBytes
    private(set) var count = 0

    init(capacity: Int) { bytes = SecureBytes(count: capacity, holding: .messages) }

    var capacity: Int { bytes.count }
    var isFull: Bool { count == bytes.count }

    /// Reads what there is room for; returns what `read` does.
    func receive(from socket: borrowing OwnedDescriptor) -> Int {
        let filled = count
        let received = bytes.withMutableBytes { bytes in
            unsafe bytes.withUnsafeMutableBytes { bytes in
                socket.withRaw { raw in
                    unsafe read(raw, bytes.baseAddress.map { unsafe $0 + filled }, bytes.count - filled)
                }
            }
        }
        count += max(received, 0)
        return received
    }

    /// The place of the first NUL from `start` on.
    func endOfMessage(from start: Int) -> Int? {
        let range = start..<count
        return bytes.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in unsafe bytes[range].firstIndex(of: 0) }
        }
    }

    func withBytes<Result: ~Copyable, Failure: Error>(
        upTo end: Int, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withBytes { bytes throws(Failure) in try body(bytes.extracting(first: end)) }
    }

    /// Moves everything to a buffer that is empty and has room for it.
    func move(to other: ReceiveBuffer) {
        let count = count
        bytes.withBytes { source in
            other.bytes.withMutableBytes { target in
                unsafe source.withUnsafeBytes { source in
                    unsafe target.withUnsafeMutableBytes { target in
                        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
                    }
                }
            }
        }
        other.count = count
        discard(count)
    }

    /// Forgets the first bytes and zeroes what they leave behind.
    func discard(_ discarded: Int) {
        let rest = count - discarded
        bytes.withMutableBytes { bytes in
            unsafe bytes.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                unsafe memmove(start, start + discarded, rest)
                unsafe memset(start + rest, 0, discarded)
            }
        }
        count = rest
    }
}
