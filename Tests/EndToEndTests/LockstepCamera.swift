import Frames
import Glibc
import Platform
import Ports
import Simulator
import Support
import Synchronization
import Testing

/// Lets another thread wait until the loop has handled what lies before it.
final class Turns: Sendable {
    private let waker: Waker
    private let count = Atomic(0)
    private let isOver = Atomic(false)

    init() throws(Errno) { waker = try Waker() }

    func attach(to loop: EventLoop) throws(Errno) -> EventLoop.Watch {
        try waker.attach(to: loop) { [self] in _ = count.add(1, ordering: .releasing) }
    }

    func pass() {
        // What was ready beside the first wake may come behind it.
        for _ in 0..<2 {
            let before = count.load(ordering: .acquiring)
            waker.wake()
            wait { count.load(ordering: .acquiring) != before }
        }
    }

    /// The loop has ended: nobody waits for it any more.
    func end() { isOver.store(true, ordering: .releasing) }

    /// Waits for another thread; the capture thread has priority over those that it waits for, so that yielding would not
    /// let them run.
    func wait(until condition: () -> Bool) {
        let deadline = Timestamp.now() + .seconds(60)
        while !condition(), !isOver.load(ordering: .acquiring) {
            guard Timestamp.now() < deadline else {
                Issue.record("the counter does not go on, and the camera goes on without it")
                return
            }
            usleep(100)
        }
    }
}

/// The plug of a camera, which is watched.
final class Plug: DeviceWatch {
    private let waker: Waker
    private let isOut = Atomic(false)

    init(waker: Waker) { self.waker = waker }

    func put(_ isIn: Bool) {
        isOut.store(!isIn, ordering: .releasing)
        waker.wake()
    }

    func check() throws(CameraFault) {
        if isOut.load(ordering: .acquiring) { throw .missing(name: "plug") }
    }

    func attach(to loop: EventLoop, _ handler: @escaping () -> Void) throws(Errno) -> EventLoop.Watch {
        try waker.attach(to: loop, handler)
    }
}

/// Bytes that stand nowhere else, behind the end of each frame.
final class FrameMark: Sendable {
    /// Kept as the complement, so that a search does not find this.
    let complement: [UInt8]
    private let found = Atomic(false)

    init(complement: [UInt8]) { self.complement = complement }

    /// Whether a search found it while the camera held a frame.
    var wasFound: Bool { found.load(ordering: .acquiring) }

    /// After the end marker, where a decoder does not look but the buffer holds it.
    func plant(in frame: inout FrameLease) {
        let (start, mark) = (frame.byteCount, complement)
        frame.withMutableBytes { bytes in
            for (index, byte) in mark.enumerated() {
                bytes.storeBytes(of: ~byte, toByteOffset: start + index, as: UInt8.self)
            }
        }
        frame.byteCount = start + mark.count
        if !wasFound { found.store(memoryHolds(complementOf: complement) > 0, ordering: .releasing) }
    }
}

/// Gives the next frame only when the last one was read and its consequences drawn, so that a slow machine changes
/// nothing.
struct LockstepCamera: Camera {
    let real: SimulatedCamera
    let turns: Turns
    let mark: FrameMark?
    let plug: Plug

    var source: CaptureSource { real.source }
    var name: String { real.name }
    var maximumFrameByteCount: Int { real.maximumFrameByteCount }
    func check() throws(CameraFault) {
        try plug.check()
        try real.check()
    }
    func startStreaming() throws(CameraFault) -> any CameraStream {
        LockstepStream(real: try real.startStreaming(), turns: turns, mark: mark)
    }
}

private final class LockstepStream: CameraStream {
    private let real: any CameraStream
    private let turns: Turns
    private let mark: FrameMark?

    init(real: any CameraStream, turns: Turns, mark: FrameMark?) {
        self.real = real
        self.turns = turns
        self.mark = mark
    }

    func nextFrame(from pool: FramePool, within timeout: Duration) throws(CameraFault) -> FrameLease? {
        turns.wait { pool.freeCount == pool.capacity }
        turns.pass()
        guard var frame = try real.nextFrame(from: pool, within: timeout) else { return nil }
        mark?.plant(in: &frame)
        return frame
    }

    func holdExposure(at share: Double?) { real.holdExposure(at: share) }
    var heldExposure: HeldExposure? { real.heldExposure }
    func stop() { real.stop() }
}
