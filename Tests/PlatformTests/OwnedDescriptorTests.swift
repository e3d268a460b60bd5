import Glibc
import Platform
import Testing

@Suite struct OwnedDescriptorTests {
    @Test func `what the kernel takes only a part of is not told as written`() throws {
        var ends: [CInt] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let reader = OwnedDescriptor(taking: ends[0])
        defer { withExtendedLifetime(reader) {} }
        let writer = OwnedDescriptor(taking: ends[1])
        // A pipe holds 64 KiB, and does not wait for a reader.
        writer.withRaw { _ = fcntl($0, F_SETFL, O_NONBLOCK) }
        try unsafe writer.writeAll([UInt8](repeating: 0, count: 4096).span.bytes)
        #expect(throws: Errno(EAGAIN)) { try unsafe writer.writeAll([UInt8](repeating: 0, count: 1 << 20).span.bytes) }
    }
}
