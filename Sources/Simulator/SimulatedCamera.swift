import Frames
import Imaging
import Platform
package import Ports
import Presentations
import Rendering

/// The camera of a simulated counter: Motion JPEG frames, each drawn when it is due.
package struct SimulatedCamera: Camera {
    let counter: SimulatedCounter

    package var source: CaptureSource { .simulator }
    package var name: String { "simulator" }
    /// More than twice what the noisiest sensor needs at the best JPEG quality that `Conditions` draw.
    package var maximumFrameByteCount: Int { counter.setup.width * counter.setup.height / 2 }

    /// Whether another program has the camera is found out only by switching it on.
    package func check() throws(CameraFault) {
        let trouble = counter.setup.cameraTrouble
        if trouble != .busy, let fault = trouble.startFault(name: name) { throw fault }
    }

    package func startStreaming() throws(CameraFault) -> any CameraStream {
        if let fault = counter.setup.cameraTrouble.startFault(name: name) { throw fault }
        guard let visit = counter.beginVisit() else { throw .busy(name: name) }
        return SimulatedStream(counter: counter, visit: visit)
    }
}

/// One visit of a person at the counter.
private final class SimulatedStream: CameraStream {
    private let counter: SimulatedCounter
    private let scene: any FrameSource
    private let lens: Lens
    private var encoder: JPEGEncoder
    private let quality: Int
    private let start: Timestamp
    private let interval: Duration
    private let secondsUntilTrouble: Double
    private var nextIndex: UInt64 = 1
    private var isRunning = true

    init(counter: SimulatedCounter, visit: UInt64) {
        let setup = counter.setup
        let conditions = Conditions(setup)
        self.counter = counter
        self.scene = Self.makeScene(setup, conditions, visit: visit, in: counter.portrait)
        self.lens = Lens(width: setup.width, height: setup.height)
        self.encoder = JPEGEncoder(maximumWidth: setup.width)
        self.quality = conditions.jpegQuality
        self.interval = .nanoseconds(setup.cameraTrouble == .slow ? 133_333_333 : conditions.frameInterval)
        self.secondsUntilTrouble = setup.cameraTrouble.hasOnset ? setup.secondsUntilTrouble : .infinity
        self.start = counter.time.now()
    }

    private static func makeScene(
        _ setup: CounterSetup, _ conditions: Conditions, visit: UInt64, in portrait: Portrait
    ) -> any FrameSource {
        let textureScale = setup.width > 640 ? 2 : 1
        guard let species = setup.species else {
            let person = LivePerson(
                setup.firstPerson, replacedBy: setup.secondPerson, in: portrait, cast: conditions.cast,
                textureScale: textureScale, behaviour: Behaviour(setup.habits, seed: setup.seed, visit: visit),
                wearing: setup.condition.wear, shutter: conditions.shutter)
            return Scene(subject: person, conditions: conditions, setup: setup)
        }
        let plan = AttackPlan(
            species, seed: setup.seed, victim: setup.person, attacker: setup.otherPerson, portrait: portrait,
            cast: conditions.cast, textureScale: textureScale)
        if let injection = plan.makeInjection(width: setup.width, height: setup.height) {
            return InjectedScene(injection)
        }
        return Scene(subject: plan.makeSubject(), conditions: conditions, setup: setup)
    }

    deinit { stop() }

    func stop() {
        if isRunning { counter.endVisit() }
        isRunning = false
    }

    func holdExposure(at share: Double?) { scene.holdExposure(at: share.map { Float($0) }) }

    /// A usual room is exposed for 16 ms.
    var heldExposure: HeldExposure? {
        scene.heldExposure.map { HeldExposure(time: Int(($0 * 160).rounded()), gain: nil) }
    }

    func nextFrame(from pool: FramePool, within timeout: Duration) throws(CameraFault) -> FrameLease? {
        guard isRunning else { throw .unplugged(name: "simulator") }
        skipMissedFrames()
        let due = start + interval * Int(nextIndex)
        let time = (due - start).seconds
        let trouble = time > secondsUntilTrouble ? counter.setup.cameraTrouble : .none
        if trouble == .unplug { throw .unplugged(name: "simulator") }
        let patience = counter.time.now() + timeout
        counter.time.wait(until: trouble == .stall ? patience : min(due, patience))
        if trouble == .stall || due > patience { throw .stalled(name: "simulator", after: timeout) }
        let index = nextIndex
        nextIndex += 1
        // A light that is switched while a frame is exposed shows in the next one.
        let illuminators = counter.lightState(before: due - interval).illuminators
        if trouble != .freeze {
            scene.advance(to: time, hearing: counter.heard(since: start), seeing: illuminators)
        }
        guard var lease = pool.lease() else { return nil }
        if trouble != .freeze { scene.expose(at: time, frame: index, illuminators: illuminators) }
        let byteCount = lease.withMutableBytes { try? scene.encode(with: &encoder, quality: quality, into: &$0) }
        guard let byteCount else { return nil }
        lease.byteCount = byteCount
        if trouble == .corrupt { lease.withMutableBytes { corrupt(&$0) } }
        lease.format = FrameFormat(.motionJPEG, width: counter.setup.width, height: counter.setup.height, stride: 0)
        lease.sequence = UInt32(truncatingIfNeeded: index - 1)
        lease.timestamp = due
        counter.note(
            GroundTruth(
                sequence: lease.sequence, posture: scene.posture, illuminators: illuminators, seenBy: lens))
        return lease
    }

    /// Overwrites the tables at the beginning, as a bad cable does now and then.
    private func corrupt(_ jpeg: inout MutableRawSpan) {
        for offset in 2..<min(jpeg.byteCount, 600) { jpeg.storeBytes(of: 0x55, toByteOffset: offset, as: UInt8.self) }
    }

    /// A reader that comes late finds the newest frame only, and a gap in the sequence.
    private func skipMissedFrames() {
        let passed = (counter.time.now() - start).nanoseconds / interval.nanoseconds
        nextIndex = max(nextIndex, UInt64(max(passed, 0)))
    }
}
