import Biometrics
import Cues
import Liveness
import Platform
import Ports
import Session
import Support
import Testing

/// One for each attempt, and the spare one.
func somePatterns() throws -> [LightPattern] {
    var generator = SeededGenerator(seed: 3)
    return try (0..<3).map { _ in try #require(LightPattern.draw(from: .all, using: &generator)) }
}

/// Drives a verification frame by frame and keeps what it wished for.
struct Drive {
    var verification: Verification
    var effects: [Verification.Effect] = []
    var number = 0
    /// What the next frame's number is more; six make five frames a second.
    var pace = 1
    var canIlluminate = true
    /// How many frames are under way when a wish comes up, as in a pipeline.
    var latency = 0
    private var earlier: [AnalysisSchedule] = []
    /// What every frame says of an attack.
    var cues = PassiveCues()
    var schedule = AnalysisSchedule(eyes: .none, sample: nil)

    var sample: SampleRequest? { schedule.sample }

    /// Which illuminators were wished for, one after the other.
    var lit: [Illuminators] { effects.compactMap { if case .illuminate(let lit) = $0 { lit } else { nil } } }

    init(
        steps: [Instruction] = [.turnLeft, .blink], spare: Instruction = .turnRight, patterns: [LightPattern] = [],
        light: LightDemand = .yes, timeLimit: Duration = .seconds(30), leastInterEyeShare: Double = 0
    ) {
        let challenge = Challenge(steps: steps, spare: spare)
        var policy = VerificationPolicy()
        policy.light = light
        policy.timeLimit = timeLimit
        policy.framing.leastInterEyeShare = leastInterEyeShare
        self.verification = Verification(policy: policy, challenges: [challenge, challenge], patterns: patterns)
    }

    mutating func handle(_ event: Verification.Event) {
        for effect in verification.handle(event) {
            effects.append(effect)
            if case .schedule(let schedule) = effect { self.schedule = schedule }
            if case .illuminate(let lit) = effect, canIlluminate {
                let now = FrameObservation.frame(number, nil).timestamp
                handle(.illuminated(LightSwitch(lit, from: now, to: now)))
            }
        }
    }

    mutating func start() {
        for event in [.requested, .referenceAccepted, .lampLit] as [Verification.Event] { handle(event) }
        handle(.captureStarted(at: FrameObservation.frame(0, nil).timestamp))
    }

    /// Shows the same face for `count` frames; usable frontal ones join the sample that is asked for.
    mutating func show(_ face: FaceObservation?, frames count: Int, faces: Int? = nil) {
        for _ in 0..<count {
            number += pace
            let frame = FrameObservation.frame(number, face, faces: faces)
            handle(.ticked(at: frame.timestamp))
            earlier.append(schedule)
            let known = earlier[max(earlier.count - 1 - latency, 0)]
            let sample = known.sample(for: frame, VerificationPolicy().framing)
            handle(.observed(FrameReading(frame, sample: sample, cues: cues)))
        }
    }

    mutating func turnLeft() {
        show(.good(), frames: 8)
        show(.good(yaw: 20), frames: 3)
    }

    mutating func blink() {
        show(.good(), frames: 8)
        show(.good(eyes: 0.08), frames: 4)
        show(.good(), frames: 2)
    }

    /// Everything up to the comparison.
    mutating func passChallenge() {
        start()
        show(.good(), frames: 7)
        turnLeft()
        blink()
        show(.good(), frames: 6)
    }

    mutating func finish() { handle(.captureStopped) }

    var endings: [Ending] { effects.compactMap { if case .conclude(let ending) = $0 { ending } else { nil } } }

    var outcome: Outcome? { endings.compactMap { if case .decided(let outcome) = $0 { outcome } else { nil } }.first }

    var prompts: [Prompt] { effects.compactMap { if case .show(let prompt?) = $0 { prompt } else { nil } } }
}

extension LightReading {
    private init(amplitude: Double, shading: Double) {
        self.init(
            left: amplitude, right: amplitude, front: amplitude, shading: shading, shadingError: 0.03,
            unevenness: -1, middleUnevenness: -1, shadingSpread: 0, frontShading: 0, misfit: 0.05, patchCount: 200,
            frameCount: 90, patternCount: 1, faceWidth: 0.2, delay: .zero)
    }

    static let ofHead = LightReading(amplitude: 0.15, shading: 0.7)
    static let ofSheet = LightReading(amplitude: 0.2, shading: 0.02)
    static let unsure = LightReading(amplitude: 0.15, shading: 0.15)
    static let weak = LightReading(amplitude: 0.02, shading: 0.7)
}
