import Biometrics
import Cues
import Faces
import Frames
import Imaging
import Interface
import Liveness
import Pipeline
import Platform
import Ports
import Rendering
import Session
import Simulator

/// A whole verification at a simulated counter in one thread: the real parts, driven step by step on a clock
/// that moves only with the frames.
struct SimulatedVerification: ~Copyable {
    private let setup: CounterSetup
    private let counter: SimulatedCounter
    private let time = ManualTime()
    private let portrait: SecureBytes
    private let calibration: LightCalibration?
    private var analyst: Analyst
    private var verification: Verification
    private let pool: FramePool
    private var stream: (any CameraStream)?
    private var lastFrameAt: Timestamp?
    /// By the pace of the last two.
    private var nextFrameAt: Timestamp?
    private var schedule = AnalysisSchedule(eyes: .none, sample: nil)
    private var facts: [Verification.Event] = []
    private var light: LightFigures?
    private var heldExposure: HeldExposure?
    private var ending: Ending?

    init(
        _ setup: CounterSetup, portrait: Portrait, pack: ModelPack, calibrations: Calibrations = Calibrations()
    ) throws(PackFault) {
        var policy = VerificationPolicy()
        let counter = SimulatedCounter(setup, portrait: portrait, time: time)
        var generator = RandomDraw(from: counter.randomness)
        let challenges = policy.drawChallenges(using: &generator)
        let patterns = policy.drawPatterns(from: counter.lights.fixtures.illuminators, using: &generator)
        let calibration = calibrations.calibration(at: setup, of: portrait, pack: pack)
        let analyst = try Analyst(
            .init(
                pack: pack, requirements: policy.framing, source: .simulator,
                lightDelays: LightSwitch.delays(calibration)))
        self.setup = setup
        self.calibration = calibration
        self.counter = counter
        self.portrait = IDPortrait.jpeg(of: setup.person, in: portrait, seed: setup.seed)
        self.analyst = analyst
        self.pool = FramePool(capacity: 2, bytesPerFrame: counter.camera.maximumFrameByteCount)
        self.verification = Verification(policy: policy, challenges: challenges, patterns: patterns)
    }

    /// Sees every frame that was analysed.
    typealias Witness = (borrowing FrameLease, AnalysisSchedule, FrameObservation) -> Void

    mutating func play(_ witness: Witness = { _, _, _ in }) -> SimulationResult {
        let start = time.now()
        send(.requested)
        while ending == nil {
            send(.ticked(at: time.now()))
            tickBeforeNextFrame()
            if let stream { readFrame(stream, witness) }
        }
        let milliseconds = Int((time.now() - start).milliseconds)
        let isDark = stream == nil && counter.lightState == .dark
        guard case .decided(let outcome)? = ending else {
            return SimulationResult(
                seed: setup.seed, verdict: "error", reasons: [], challenge: [], layers: [:], light: nil,
                milliseconds: milliseconds, isDark: isDark, fault: ending.map { "\($0)" } ?? "no end")
        }
        return SimulationResult(
            seed: setup.seed, verdict: outcome.verdict.rawValue, reasons: outcome.reasons.map(\.rawValue),
            challenge: outcome.steps.map { "\($0.instruction.rawValue)\($0.responded ? "" : " (no response)")" },
            layers: Counter.Layers(outcome.layers).byName, light: light,
            milliseconds: milliseconds, isDark: isDark)
    }

    /// Ticks when the verification wants it, between frames as a timer does.
    private mutating func tickBeforeNextFrame() {
        guard let due = verification.due, let nextFrameAt, due < nextFrameAt else { return }
        time.wait(until: due)
        send(.ticked(at: time.now()))
    }

    private mutating func readFrame(_ stream: any CameraStream, _ witness: Witness) {
        do throws(CameraFault) {
            guard let frame = try stream.nextFrame(from: pool, within: CaptureLoop.frameTimeout) else { return }
            nextFrameAt = lastFrameAt.map { frame.timestamp + (frame.timestamp - $0) }
            lastFrameAt = frame.timestamp
            guard let reading = try? analyst.observe(frame, schedule) else { return }
            witness(frame, schedule, reading.frame)
            send(.observed(reading))
        } catch {
            self.stream = nil
            send(.captureFailed(error))
        }
    }

    private mutating func send(_ fact: Verification.Event) {
        facts.append(fact)
        while !facts.isEmpty {
            for effect in verification.handle(facts.removeFirst()) { perform(effect) }
        }
    }

    private mutating func perform(_ effect: Verification.Effect) {
        switch effect {
        case .checkReference: facts.append(acceptsPortrait() ? .referenceAccepted : .referenceRefused)
        case .lightLamp:
            do throws(LightsFault) {
                try counter.lights.show(LightState(privacyLamp: true))
                facts.append(.lampLit)
            } catch { facts.append(.lampFailed(error)) }
        case .darkenLamp: try? counter.lights.show(.dark)
        case .startCapture:
            do throws(CameraFault) {
                stream = try counter.camera.startStreaming()
                facts.append(.captureStarted(at: time.now()))
            } catch { facts.append(.captureFailed(error)) }
        case .stopCapture:
            stream?.stop()
            stream = nil
            facts.append(.captureStopped)
        case .schedule(let schedule):
            self.schedule = schedule
            stream?.holdExposure(at: schedule.exposure)
            heldExposure = stream?.heldExposure ?? heldExposure
        case .compare(let lightRuns):
            var decisions = analyst.compare(lightRuns)
            decisions.light?.expect(calibration, at: heldExposure)
            light = decisions.light.map { LightFigures($0, of: lightRuns) }
            facts.append(.compared(decisions))
        case .illuminate(let illuminators):
            do throws(LightsFault) {
                try counter.lights.show(LightState(privacyLamp: true, illuminators: illuminators))
                facts.append(.illuminated(LightSwitch(illuminators, from: time.now(), to: time.now())))
            } catch { facts.append(.illuminationFailed(at: time.now())) }
        case .show(let prompt): counter.prompts.show(prompt)
        case .report: break
        case .conclude(let ending): self.ending = ending
        }
    }

    private mutating func acceptsPortrait() -> Bool {
        do throws(ReferenceFault) {
            try portrait.withBytes { bytes throws(ReferenceFault) in try analyst.accept(bytes) }
            return true
        } catch { return false }
    }
}

/// What the light was calibrated by at the counters of one seed, which all that is presented there shares.
final class Calibrations {
    private var known: [CounterSetup: LightCalibration?] = [:]
    /// On how many days a technician tries.
    private static let days: ClosedRange<UInt64> = 1...4

    /// What the device's illuminators did to an ordinary person at this counter on the first of some other days that let
    /// them be seen; `nil` where none did.
    fileprivate func calibration(at setup: CounterSetup, of portrait: Portrait, pack: ModelPack) -> LightCalibration? {
        var days = Self.days.map(setup.onAnotherDay)
        for day in days.indices { days[day].visitor = .still }
        if let known = known[days[0]] { return known }
        known = known.filter { $0.key.seed == days[0].seed }
        let calibration = days.lazy.compactMap { Self.calibrate(at: $0, of: portrait, pack: pack) }.first
        known[days[0]] = .some(calibration)
        return calibration
    }

    private static func calibrate(at setup: CounterSetup, of portrait: Portrait, pack: ModelPack) -> LightCalibration? {
        let time = ManualTime()
        let counter = SimulatedCounter(setup, portrait: portrait, time: time)
        var generator = RandomDraw(from: counter.randomness)
        return try? LightTrial(camera: counter.camera, lights: counter.lights, pack: pack, time: time)
            .run(using: &generator)
    }
}
