import Frames
import Support
import Testing

@Suite struct FramePoolTests {
    @Test func `a pool runs dry instead of growing`() {
        let pool = FramePool(capacity: 2, bytesPerFrame: 100)
        do {
            let first = pool.lease()
            let second = pool.lease()
            let bothLeased = first != nil && second != nil
            #expect(bothLeased)
            let isDry = pool.lease() == nil
            #expect(isDry)
        }
        #expect(pool.freeCount == 2)
    }

    @Test func `leasing and dropping a buffer allocates nothing`() throws {
        let pool = FramePool(capacity: 4, bytesPerFrame: 64)
        func cycle() {
            for _ in 0..<1000 {
                guard var frame = pool.lease() else { return }
                frame.withMutableBytes { bytes in bytes.storeBytes(of: 7, as: UInt8.self) }
                frame.byteCount = 1
                _ = frame.withBytes { bytes in unsafe bytes.unsafeLoad(as: UInt8.self) }
            }
        }
        cycle()
        #expect(allocations(during: cycle) == 0)
    }
}

@Suite struct LatestSlotTests {
    @Test func `a newer frame replaces an unread one`() {
        let pool = FramePool(capacity: 3, bytesPerFrame: 1)
        let slot = LatestSlot<FrameLease>()
        for sequence in 1...3 {
            guard var frame = pool.lease() else { return }
            frame.sequence = UInt32(sequence)
            slot.put(frame)
        }
        #expect(slot.displacedCount == 2)
        #expect(pool.freeCount == 2)
        let newest = slot.take(within: .zero)
        guard let newest else {
            Issue.record("the slot is empty")
            return
        }
        let sequence = newest.sequence
        #expect(sequence == 3)
    }

    @Test func `a closed slot does not make its reader wait`() {
        let slot = LatestSlot<FrameLease>()
        slot.close()
        let isEmpty = slot.take(within: .seconds(3600)) == nil
        #expect(isEmpty)
    }
}

@Suite struct FrameFormatTests {
    @Test(arguments: [
        (PixelFormat.yuyv, 4, 2, 8, 16), (.nv12, 4, 2, 4, 12), (.nv12, 5, 3, 6, 30), (.grey, 4, 2, 4, 8),
    ])
    func `a format knows the size of its frames`(format: PixelFormat, width: Int, height: Int, stride: Int, count: Int)
    {
        #expect(FrameFormat(format, width: width, height: height, stride: stride).byteCount == count)
    }

    @Test func `a stride shorter than a row has no size`() {
        #expect(FrameFormat(.yuyv, width: 4, height: 2, stride: 7).byteCount == nil)
        #expect(FrameFormat(.grey, width: 4, height: 2, stride: -4).byteCount == nil)
    }
}
