import Biometrics
import Cues
import Liveness
import Platform
import Ports

/// The part of a verification in which the camera is on.
struct Watch: Hashable {
    enum Step: Hashable {
        case goOn([Verification.Effect])
        case compare
        /// Gives up without a decision about the person.
        case give([Reason])
        /// Starts over, unless what the light has read is an attack.
        case startOver
    }

    enum Stage: Hashable {
        /// A usable face is looked for, and the first neutral sample is taken of it.
        case framing
        /// The illuminators go through a pattern, before the steps or once more after them.
        case lighting(LightRun)
        case challenging(StepJudge, Int, deadline: Timestamp)
        /// A nearer face is waited for before one more pattern, but not for long: it is lit better.
        case nearing(LightPattern, until: Timestamp)
        /// The second neutral sample is taken.
        case closing
    }

    private static let reportInterval = Duration.milliseconds(100)
    /// What coming nearer and the second sample may take.
    private static let nearingTime = Duration.seconds(3)
    private static let closingTime = Duration.seconds(1)

    private let policy: VerificationPolicy
    private let challenges: [Challenge]
    private let patterns: [LightPattern]
    let deadline: Timestamp
    private let startedAt: Timestamp

    private(set) var stage = Stage.framing
    private var lastFrameAt: Timestamp
    /// Counts challenges that began.
    private(set) var attempt = 0
    /// Counts samples that began.
    private var sample = SampleRequest(.first, attempt: 0)
    private(set) var steps: [Instruction]
    private(set) var records: [StepRecord] = []
    private var faces: [FaceObservation] = []
    private var sampledFrames = 0
    private var track: Int?
    private var neutral: Neutral?
    /// Played once more when nothing but the light is undetermined; `nil` once it was.
    private var spareLight: LightPattern?
    private var lightRuns = LightRuns()
    private var blinks = BlinkDetector()
    private var cues = PassiveCues()
    private(set) var advice: [Advice] = [.noFace]
    /// What keeps the current step from being seen.
    private(set) var stepAdvice: Advice?
    private var shown: Prompt?
    private var reportedAt: Timestamp?

    init(policy: VerificationPolicy, challenges: [Challenge], patterns: [LightPattern], startedAt: Timestamp) {
        (self.policy, self.challenges, self.patterns) = (policy, challenges, patterns)
        (self.steps, self.spareLight) = (challenges[0].steps, patterns.last)
        (self.startedAt, self.lastFrameAt) = (startedAt, startedAt)
        self.deadline = startedAt + policy.timeLimit
    }

    // MARK: Events

    mutating func observe(_ reading: FrameReading) -> Step {
        let frame = reading.frame
        // A buffer that the driver filled before the start shows somebody else.
        guard frame.timestamp >= startedAt else { return .goOn([]) }
        lastFrameAt = frame.timestamp
        cues = reading.cues
        advice = requirements.advice(for: frame).ordered
        let blink = frame.face.flatMap { blinks.observe($0.eyeOpening, yaw: $0.pose.yaw, at: frame.timestamp) }
        let step = advance(frame, sample: reading.sample, blink: blink)
        return reporting(step, frame)
    }

    mutating func tick(at time: Timestamp) -> Step {
        if time >= deadline { return .give(reasonsForTimeout()) }
        if case .lighting = stage { return .goOn(advanceLight(at: time)) }
        guard case .challenging(_, let index, let stepDeadline) = stage, time >= stepDeadline else { return .goOn([]) }
        guard records.allSatisfy(\.responded) else { return .give([.noResponse]) }
        records.append(StepRecord(instruction: steps[index], responded: false))
        steps[index] = challenges[attempt].replacement(for: steps[index])
        return .goOn(ask(index, at: time))
    }

    /// When a tick is due that no frame may be late for.
    var due: Timestamp {
        switch stage {
        case .lighting(let run): min(run.due ?? deadline, deadline)
        case .challenging(_, _, let stepDeadline): stepDeadline
        case .framing, .nearing, .closing: deadline
        }
    }

    private var requirements: FramingRequirements {
        switch stage {
        case .framing: policy.framing
        case .nearing: policy.framing.nearer
        case .lighting, .challenging, .closing: policy.framing.afterLight
        }
    }

    /// Whether the customer saw the light or a step of any attempt.
    var hasBegunToAsk: Bool {
        if case .framing = stage { attempt > 0 } else { true }
    }

    // MARK: Stages

    private mutating func advance(_ frame: FrameObservation, sample: SampleRequest?, blink: Blink?) -> Step {
        switch stage {
        case .framing:
            guard let face = frame.face, frame.faceCount == 1 else { return .goOn(track == nil ? [] : reframe()) }
            if let track, track != face.track { return .goOn(reframe()) }
            guard sample == self.sample else { return .goOn([]) }
            track = face.track
            faces.append(face)
            guard faces.count >= policy.framesPerSample else { return .goOn([]) }
            neutral = Neutral(averaging: faces)
            guard neutral != nil else { return .goOn(reframe()) }
            guard !patterns.isEmpty else { return .goOn(ask(0, at: frame.timestamp)) }
            return .goOn(beginLight(patterns[attempt], .afresh, on: face))

        case .lighting(var run):
            guard let face = frame.face, face.track == track else { return restart() }
            run.see(at: frame.timestamp, sample: sample)
            stage = .lighting(run)
            return .goOn(advanceLight(at: frame.timestamp))

        case .nearing(let pattern, let limit):
            guard let face = frame.face, face.track == track else { return restart() }
            if advice.contains(.moveCloser), frame.timestamp < limit { return .goOn([]) }
            return .goOn(beginLight(pattern, .further, on: face))

        case .challenging(var judge, let index, let stepDeadline):
            guard let face = frame.face, face.track == track else { return restart() }
            guard frame.faceCount == 1 else { return .goOn([]) }
            guard judge.accepts(face, at: frame.timestamp, blink: blink) else {
                stage = .challenging(judge, index, deadline: stepDeadline)
                stepAdvice = judge.advice(for: face)
                return .goOn([])
            }
            records.append(StepRecord(instruction: steps[index], responded: true))
            return .goOn(index + 1 < steps.count ? ask(index + 1, at: frame.timestamp) : close())

        case .closing:
            guard let face = frame.face, face.track == track else { return restart() }
            guard sample == self.sample else { return .goOn([]) }
            sampledFrames += 1
            return sampledFrames >= policy.framesPerSample ? .compare : .goOn([])
        }
    }

    private mutating func beginLight(
        _ pattern: LightPattern, _ watch: LightWatch, on face: FaceObservation
    ) -> [Verification.Effect] {
        let run = LightRun(
            pattern, watch, attempt: sample.attempt, neutral: neutral, exposure: LightExposure.share(for: face))
        stage = .lighting(run)
        reportedAt = nil
        return run.beginning
    }

    private mutating func advanceLight(at time: Timestamp) -> [Verification.Effect] {
        guard case .lighting(var run) = stage else { return [] }
        let step = run.advance(at: time)
        stage = .lighting(run)
        guard case .goOn(let effects) = step else {
            lightRuns.append(run)
            return goOnAfterLight(at: time)
        }
        return effects
    }

    /// When the illuminators changed in each pattern of this attempt, also in the one that is being played unless it is
    /// the first.
    var lightSwitches: [[LightSwitch]] {
        guard case .lighting(let run) = stage, !lightRuns.switches.isEmpty else { return lightRuns.switches }
        return lightRuns.switches + [run.switches]
    }

    private mutating func goOnAfterLight(at time: Timestamp) -> [Verification.Effect] {
        switch sample.place {
        case .first: ask(0, at: time)
        // Who was lit once more is compared once more, so that nobody lends a face to the light alone.
        case .lit, .second: close()
        }
    }

    mutating func note(_ lightSwitch: LightSwitch) {
        guard case .lighting(var run) = stage else { return }
        run.note(lightSwitch)
        stage = .lighting(run)
    }

    /// Goes on without a light that cannot be switched.
    mutating func giveUpLight(at time: Timestamp) -> [Verification.Effect] {
        guard case .lighting(let run) = stage else { return [] }
        // What was read before counts, so that its last dark state must not go on through these frames.
        if !lightRuns.switches.isEmpty { lightRuns.cut(run) }
        return goOnAfterLight(at: time)
    }

    /// Plays one more pattern where nothing but the light leaves it open whether a live person is there, and time is
    /// left; `nil` otherwise, and the second time.
    mutating func lightAgain(after decisions: ProbeDecisions) -> [Verification.Effect]? {
        guard let pattern = spareLight, judgement.isOpenByLightAlone(decisions) else { return nil }
        let left = deadline - lastFrameAt - pattern.length(after: lightRuns.switches.last) - Self.closingTime
        guard left > .zero else { return nil }
        spareLight = nil
        (stage, reportedAt) = (.nearing(pattern, until: lastFrameAt + min(left, Self.nearingTime)), nil)
        return [.schedule(AnalysisSchedule(eyes: .none, sample: nil))]
    }

    private mutating func ask(_ index: Int, at time: Timestamp) -> [Verification.Effect] {
        guard let neutral else { return [] }
        let judge = StepJudge(steps[index], neutral: neutral, issuedAt: time)
        stage = .challenging(judge, index, deadline: min(time + policy.stepLimit, deadline))
        (stepAdvice, reportedAt) = (nil, nil)
        let eyes: EyeSchedule = steps[index] == .blink ? .alternating : .none
        return [.schedule(AnalysisSchedule(eyes: eyes, sample: nil))]
    }

    private mutating func close() -> [Verification.Effect] {
        stage = .closing
        sample = SampleRequest(.second, attempt: sample.attempt + 1)
        (sampledFrames, reportedAt) = (0, nil)
        return [.schedule(AnalysisSchedule(eyes: .alternating, sample: sample, neutral: neutral))]
    }

    /// Looks for a face again, before anything was asked of it.
    private mutating func reframe() -> [Verification.Effect] {
        var wasLit = false
        if case .lighting(let run) = stage { wasLit = run.isLit }
        lightRuns = LightRuns()
        stage = .framing
        sample = SampleRequest(.first, attempt: sample.attempt + 1)
        (steps, records) = (challenges[attempt].steps, [])
        (faces, track, neutral) = ([], nil, nil)
        blinks = BlinkDetector()
        reportedAt = nil
        return [.schedule(.framing(sample: sample))] + (wasLit ? [.illuminate([])] : [])
    }

    /// Starts over after the track broke, as often as the policy says; not after a sure attack, nor to be rid of a light
    /// that was open.
    private mutating func restart() -> Step {
        guard attempt < policy.restarts, !judgement.isAttackSure(), !judgement.wasLightOpen else {
            return .give([.trackBroken])
        }
        return lightRuns.switches.isEmpty ? .goOn(startOver()) : .startOver
    }

    /// Looks for a face again, for a new challenge.
    mutating func startOver() -> [Verification.Effect] {
        attempt += 1
        return reframe()
    }

    // MARK: Reports

    private mutating func reporting(_ step: Step, _ frame: FrameObservation) -> Step {
        guard case .goOn(var effects) = step else { return step }
        let prompt = prompt(hasFace: frame.face != nil)
        if prompt != shown {
            shown = prompt
            reportedAt = nil
            effects.append(.show(prompt))
        }
        if let last = reportedAt, frame.timestamp - last < Self.reportInterval { return .goOn(effects) }
        reportedAt = frame.timestamp
        effects.append(.report(progress(prompt, frame)))
        return .goOn(effects)
    }

    /// What is known of the person by now.
    var judgement: Judgement {
        Judgement(
            cues: cues, steps: asked, demand: policy.light, isLitFaceKnown: lightRuns.isFaceKnown,
            wasLightOpen: spareLight == nil && !patterns.isEmpty, wasLightCut: lightRuns.wasCut)
    }
}
