import Frames
import Imaging
import Platform
package import Ports
import Rendering

/// The camera of a simulated counter: 30 Motion JPEG frames a second, each drawn when it is due.
package struct SimulatedCamera: Camera {
    let counter: SimulatedCounter

    package var source: CaptureSource { .simulator }
    package var name: String { "simulator" }
    /// More than twice what the noisiest sensor needs at the best JPEG quality that `Conditions` draw.
    package var maximumFrameByteCount: Int { counter.setup.width * counter.setup.height / 2 }

    package func check() throws(CameraFault) {}

    package func startStreaming() throws(CameraFault) -> any CameraStream {
        guard let visit = counter.beginVisit() else { throw .busy(name: name) }
        return SimulatedStream(counter: counter, visit: visit)
    }
}

/// One visit of a person at the counter.
private final class SimulatedStream: CameraStream {
    private let counter: SimulatedCounter
    private let scene: Scene
    private var encoder: JPEGEncoder
    private let quality: Int
    private let start: Timestamp
    private let interval: Duration
    private let troubleFrame: UInt64
    private var nextIndex: UInt64 = 1
    private var isRunning = true

    init(counter: SimulatedCounter, visit: UInt64) {
        let setup = counter.setup
        let conditions = Conditions(seed: setup.seed)
        let person = LivePerson(
            setup.visitor, in: counter.portrait,
            behaviour: Behaviour(manner: setup.manner, seed: setup.seed, visit: visit), cast: conditions.cast,
            textureScale: setup.width > 640 ? 2 : 1)
        self.counter = counter
        self.scene = Scene(subject: person, conditions: conditions, setup: setup)
        self.encoder = JPEGEncoder(maximumWidth: setup.width)
        self.quality = conditions.jpegQuality
        self.interval = .nanoseconds(setup.trouble == .slow ? 133_333_333 : 33_333_333)
        self.troubleFrame = setup.framesUntilTrouble
        self.start = counter.time.now()
    }

    deinit { stop() }

    func stop() {
        if isRunning { counter.endVisit() }
        isRunning = false
    }

    func nextFrame(from pool: FramePool, within timeout: Duration) throws(CameraFault) -> FrameLease? {
        let setup = counter.setup
        if !isRunning || (setup.scenario == .unplug && nextIndex > troubleFrame) { throw .unplugged(name: "simulator") }
        skipMissedFrames()
        let due = start + interval * Int(nextIndex)
        let patience = counter.time.now() + timeout
        counter.time.wait(until: min(due, patience))
        if due > patience { throw .stalled(name: "simulator", after: timeout) }
        let index = nextIndex
        nextIndex += 1
        let time = (due - start).seconds
        let isFrozen = setup.trouble == .freeze && index > troubleFrame
        if !isFrozen { scene.advance(to: time, hearing: counter.heard(since: start)) }
        guard var lease = pool.lease() else { return nil }
        let illuminators = counter.lightState.illuminators
        if !isFrozen { scene.expose(at: time, frame: index, illuminators: illuminators) }
        let byteCount = lease.withMutableBytes { try? encoder.encode(scene.picture, quality: quality, into: &$0) }
        guard let byteCount else { return nil }
        lease.byteCount = byteCount
        lease.format = FrameFormat(.motionJPEG, width: setup.width, height: setup.height, stride: 0)
        lease.sequence = UInt32(truncatingIfNeeded: index - 1)
        lease.timestamp = due
        counter.note(scene.truth(sequence: lease.sequence, illuminators: illuminators))
        return lease
    }

    /// A reader that comes late finds the newest frame only, and a gap in the sequence.
    private func skipMissedFrames() {
        let passed = (counter.time.now() - start).nanoseconds / interval.nanoseconds
        nextIndex = max(nextIndex, UInt64(max(passed, 0)))
    }
}
