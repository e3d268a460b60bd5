package import Frames
package import Platform
package import Ports
import Synchronization

/// Moves frames from a camera to the newest-wins slot, on the thread that calls `run`.
package struct CaptureLoop {
    /// What the loop tells the verification; exactly one of the last two comes last.
    package enum Event: Hashable, Sendable {
        case started(at: Timestamp)
        /// For the light challenge, by a camera that tells it.
        case exposureHeld(HeldExposure)
        case stopped
        case failed(CameraFault)
    }

    /// A camera that delivers nothing of use for this long has stalled: the slowest supported rate is 5 frames a second.
    package static let frameTimeout = Duration.seconds(2)
    /// So many undecodable frames in a row are a broken camera, not a broken frame.
    package static let mostUnreadableFrames = 60
    /// One frame is being filled, one waits in the slot, one is analysed.
    package static let bufferCount = 3

    private let camera: any Camera
    private let time: any TimeSource
    private let slot: LatestSlot<FrameLease>
    private let counters: FrameCounters
    private let orders: CaptureOrders

    package init(
        camera: any Camera, time: any TimeSource, slot: LatestSlot<FrameLease>, counters: FrameCounters,
        orders: CaptureOrders
    ) {
        self.camera = camera
        self.time = time
        self.slot = slot
        self.counters = counters
        self.orders = orders
    }

    /// Switches the camera on, serves until told to stop, and returns with the camera off.
    package func run(report: (Event) -> Void) {
        let ending = serve(report)
        slot.close()
        report(ending)
    }

    /// Frames and buffers are gone when it returns.
    private func serve(_ report: (Event) -> Void) -> Event {
        let pool = FramePool(capacity: Self.bufferCount, bytesPerFrame: camera.maximumFrameByteCount)
        do throws(CameraFault) {
            let stream = try camera.startStreaming()
            defer { stream.stop() }
            let startedAt = time.now()
            counters.beginRun(at: startedAt)
            report(.started(at: startedAt))
            try pump(stream, pool, since: startedAt, report)
        } catch {
            return .failed(error)
        }
        return .stopped
    }

    private func pump(
        _ stream: any CameraStream, _ pool: FramePool, since start: Timestamp, _ report: (Event) -> Void
    ) throws(CameraFault) {
        var displaced = slot.displacedCount
        var sequence = SequenceWatch()
        var lastUse = start
        var exposure: Double?
        while !orders.isStopped {
            let ordered = orders.exposure
            if ordered != exposure {
                exposure = ordered
                stream.holdExposure(at: exposure)
                if let exposure = stream.heldExposure { report(.exposureHeld(exposure)) }
            }
            guard let frame = try stream.nextFrame(from: pool, within: Self.frameTimeout) else {
                sequence.noteDropped()
                try drop(since: lastUse)
                continue
            }
            counters.countReceived()
            counters.countLost(sequence.lostCount(before: frame.sequence))
            // A buffer that the driver filled before the start shows somebody else.
            if frame.timestamp < start {
                try drop(since: lastUse)
                continue
            }
            slot.put(frame)
            lastUse = time.now()
            let nowDisplaced = slot.displacedCount
            if nowDisplaced > displaced { counters.countDropped(nowDisplaced - displaced) }
            displaced = nowDisplaced
            let unreadable = counters.unreadableRunCount
            if unreadable >= Self.mostUnreadableFrames { throw .unreadable(name: camera.name, frames: unreadable) }
        }
    }

    /// Counts a frame that is of no use, as none was since `lastUse`.
    private func drop(since lastUse: Timestamp) throws(CameraFault) {
        counters.countDropped()
        if time.now() - lastUse >= Self.frameTimeout { throw .stalled(name: camera.name, after: Self.frameTimeout) }
    }
}

/// What the verification tells the capture loop.
package final class CaptureOrders: Sendable {
    private let stop = Atomic(false)
    private let share = Atomic(Double.nan.bitPattern)

    package init() {}

    package func requestStop() { stop.store(true, ordering: .releasing) }
    package var isStopped: Bool { stop.load(ordering: .acquiring) }

    /// At what share of itself the exposure is held; `nil` where it follows the light.
    package var exposure: Double? {
        get {
            let value = Double(bitPattern: share.load(ordering: .acquiring))
            return value.isNaN ? nil : value
        }
        set { share.store((newValue ?? .nan).bitPattern, ordering: .releasing) }
    }
}
