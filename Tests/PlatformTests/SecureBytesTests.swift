import Platform
import Testing

@Suite(.serialized) struct SecureBytesTests {
    @Test func `a block starts as zeros and lends what was written`() {
        var block = SecureBytes(count: 100, holding: .frames)
        let sum = block.withBytes { bytes in
            (0..<100).reduce(0) { unsafe $0 + Int(bytes.unsafeLoad(fromByteOffset: $1, as: UInt8.self)) }
        }
        #expect(sum == 0)
        block.withMutableBytes { $0.storeBytes(of: 7, toByteOffset: 99, as: UInt8.self) }
        let last = block.withBytes { unsafe $0.unsafeLoad(fromByteOffset: 99, as: UInt8.self) }
        #expect(last == 7)
    }

    @Test func `dropping a block gives its bytes back`() async {
        // A process of its own, since other tests allocate at the same time.
        await #expect(processExitsWith: .success) {
            do {
                let block = SecureBytes(count: 1000, holding: .frames)
                precondition(SecureMemory.allocatedByteCount == 1024 && block.count == 1000)
            }
            precondition(SecureMemory.allocatedByteCount == 0)
        }
    }

    @Test(arguments: [0, 1, 63, 64, 65, 4096, 5_000_000]) func `blocks are aligned to a cache line`(count: Int) {
        let block = unsafe SecureMemory.allocate(count, holding: .frames)
        #expect(Int(bitPattern: block) % 64 == 0)
        unsafe SecureMemory.free(block)
    }
}
