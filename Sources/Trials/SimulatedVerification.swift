package import Biometrics
package import Cues
package import Faces
package import Frames
import Liveness
import Pipeline
import Platform
import Ports
package import Rendering
package import Session
package import Simulator

/// A whole verification at a simulated counter in one thread: the real parts, driven step by step on a clock
/// that moves only with the frames.
package struct SimulatedVerification: ~Copyable {
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
    private var light: PlayedLight?
    private var heldExposure: HeldExposure?
    private var ending: Ending?

    package init(
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
    package typealias Witness = (borrowing FrameLease, AnalysisSchedule, FrameObservation) -> Void

    package mutating func play(_ witness: Witness = { _, _, _ in }) -> PlayedVerification {
        let start = time.now()
        send(.requested)
        while ending == nil {
            send(.ticked(at: time.now()))
            tickBeforeNextFrame()
            if let stream { readFrame(stream, witness) }
        }
        return PlayedVerification(
            seed: setup.seed, ending: ending, light: light, time: time.now() - start,
            isDark: stream == nil && counter.lightState == .dark)
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
            light = decisions.light.map { PlayedLight(reading: $0, runs: lightRuns) }
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

/// How one simulated verification ended.
package struct PlayedVerification {
    package let seed: UInt64
    package let ending: Ending?
    /// What the light challenge read, where it came to that.
    package let light: PlayedLight?
    /// From the request to the verdict, in the simulated counter's time.
    package let time: Duration
    /// Whether lamp and camera were off at the end.
    package let isDark: Bool
}

package struct PlayedLight {
    package let reading: LightReading
    /// When the illuminators changed in each pattern.
    package let runs: [[LightSwitch]]
}
