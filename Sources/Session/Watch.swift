import Biometrics
import Cues
import Liveness
import Platform
import Ports

/// The part of a verification in which the camera is on.
struct Watch: Hashable {
    enum Step: Hashable {
        case goOn([Verification.Effect])
        case compare([Verification.Effect])
        /// Gives up without a decision about the person.
        case give([Reason])
    }

    private enum Stage: Hashable {
        /// A usable face is looked for, and the first neutral sample is taken of it.
        case framing
        /// The illuminators go through a pattern, before the steps or once more after them.
        case lighting(LightRun)
        case challenging(StepJudge, Int, deadline: Timestamp)
        /// The second neutral sample is taken.
        case closing
    }

    private static let reportInterval = Duration.milliseconds(100)
    /// What the second sample may take.
    private static let closingTime = Duration.seconds(1)

    private let policy: VerificationPolicy
    private let challenges: [Challenge]
    private let patterns: [LightPattern]
    private let deadline: Timestamp
    private let startedAt: Timestamp

    private var stage = Stage.framing
    /// When the last frame was seen.
    private var seenAt: Timestamp
    /// Counts challenges that began.
    private var attempt = 0
    /// Counts samples that began.
    private var sample = SampleRequest(.first, attempt: 0)
    private var steps: [Instruction]
    private var records: [StepRecord] = []
    private var spareUsed = false
    private var faces: [FaceObservation] = []
    private var sampledFrames = 0
    private var track: Int?
    private var neutral: Neutral?
    /// Played once more when nothing but the light is undetermined; `nil` once it was.
    private var spareLight: LightPattern?
    /// When the illuminators changed in each pattern that was played in this attempt.
    private(set) var lightRuns: [[LightSwitch]] = []
    /// Whether the comparison has the face that was lit in each of them.
    private var isLitFaceKnown = true
    private var blinks = BlinkDetector()
    private var cues = PassiveCues()
    private var advice: [Advice] = [.noFace]
    /// What keeps the current step from being seen.
    private var stepAdvice: Advice?
    private var shown: Prompt?
    private var reportedAt: Timestamp?

    init(policy: VerificationPolicy, challenges: [Challenge], patterns: [LightPattern], startedAt: Timestamp) {
        self.policy = policy
        self.challenges = challenges
        self.patterns = patterns
        self.spareLight = patterns.last
        (self.startedAt, self.seenAt) = (startedAt, startedAt)
        self.deadline = startedAt + policy.timeLimit
        self.steps = challenges[0].steps
    }

    // MARK: Events

    mutating func observe(_ reading: FrameReading) -> Step {
        let frame = reading.frame
        // A buffer that the driver filled before the start shows somebody else.
        guard frame.timestamp >= startedAt else { return .goOn([]) }
        seenAt = frame.timestamp
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
        records.append(StepRecord(instruction: steps[index], responded: false))
        guard !spareUsed else { return .give([.noResponse]) }
        spareUsed = true
        steps[index] = challenges[attempt].spare
        return .goOn(ask(index, at: time))
    }

    /// When a tick is due that no frame may be late for.
    var due: Timestamp {
        switch stage {
        case .lighting(let run): min(run.due ?? deadline, deadline)
        case .challenging(_, _, let stepDeadline): stepDeadline
        case .framing, .closing: deadline
        }
    }

    private var requirements: FramingRequirements {
        if case .framing = stage { policy.framing } else { policy.framing.afterLight }
    }

    /// Whether the customer saw the light or a step of any attempt.
    var hasBegunToAsk: Bool {
        if case .framing = stage { attempt > 0 } else { true }
    }

    // MARK: Stages

    private mutating func advance(_ frame: FrameObservation, sample: SampleRequest?, blink: Blink?) -> Step {
        switch stage {
        case .framing:
            guard let face = frame.face, frame.faceCount == 1 else { return track == nil ? .goOn([]) : reframe() }
            if let track, track != face.track { return reframe() }
            guard sample == self.sample else { return .goOn([]) }
            track = face.track
            faces.append(face)
            sampledFrames += 1
            guard sampledFrames >= policy.framesPerSample else { return .goOn([]) }
            neutral = Neutral(averaging: faces)
            guard neutral != nil else { return reframe() }
            guard !patterns.isEmpty else { return .goOn(ask(0, at: frame.timestamp)) }
            return .goOn(beginLight(patterns[attempt], .afresh))

        case .lighting(var run):
            guard let face = frame.face, face.track == track else { return restart() }
            run.see(at: frame.timestamp, sample: sample)
            stage = .lighting(run)
            return .goOn(advanceLight(at: frame.timestamp))

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
            return sampledFrames >= policy.framesPerSample ? .compare([]) : .goOn([])
        }
    }

    private mutating func beginLight(_ pattern: LightPattern, _ watch: LightWatch) -> [Verification.Effect] {
        let run = LightRun(pattern, watch, attempt: sample.attempt, neutral: neutral)
        stage = .lighting(run)
        reportedAt = nil
        return run.beginning
    }

    private mutating func advanceLight(at time: Timestamp) -> [Verification.Effect] {
        guard case .lighting(var run) = stage else { return [] }
        let step = run.advance(at: time)
        stage = .lighting(run)
        guard case .goOn(let effects) = step else {
            end(run)
            return goOnAfterLight(at: time)
        }
        return effects
    }

    private mutating func end(_ run: LightRun) {
        lightRuns.append(run.switches)
        isLitFaceKnown = isLitFaceKnown && run.isFaceKnown
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
        if !lightRuns.isEmpty { end(run) }
        return goOnAfterLight(at: time)
    }

    /// Plays one more pattern where nothing but the light leaves it open whether a live person is there, and time is
    /// left; `nil` otherwise, and the second time.
    mutating func lightAgain(after decisions: ProbeDecisions) -> [Verification.Effect]? {
        guard let pattern = spareLight, judgement.isOpenByLightAlone(decisions),
            seenAt + pattern.length(after: lightRuns.last) + Self.closingTime < deadline
        else { return nil }
        spareLight = nil
        return beginLight(pattern, .further)
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
    private mutating func reframe() -> Step {
        var wasLit = false
        if case .lighting(let run) = stage { wasLit = run.isLit }
        (lightRuns, isLitFaceKnown) = ([], true)
        stage = .framing
        sample = SampleRequest(.first, attempt: sample.attempt + 1)
        (steps, records, spareUsed) = (challenges[attempt].steps, [], false)
        (faces, sampledFrames, track, neutral) = ([], 0, nil, nil)
        blinks = BlinkDetector()
        reportedAt = nil
        return .goOn([.schedule(.framing(sample: sample))] + (wasLit ? [.illuminate([])] : []))
    }

    /// Starts over with a new challenge after the track broke, as often as the policy says; not after a sure attack.
    private mutating func restart() -> Step {
        guard attempt < policy.restarts, !judgement.isAttackSure else { return .give([.trackBroken]) }
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

    private func prompt(hasFace: Bool) -> Prompt {
        switch stage {
        case .framing: Prompt(stage: hasFace ? .framing : .seeking, advice: advice.first)
        case .challenging(_, let index, _):
            Prompt(stage: .challenging, instruction: steps[index], advice: stepAdvice)
        case .lighting: Prompt(stage: .challenging, instruction: .lookStraight)
        case .closing: Prompt(stage: .comparing, instruction: .lookStraight, advice: advice.first)
        }
    }

    private func progress(_ prompt: Prompt, _ frame: FrameObservation) -> Progress {
        var (step, end): (Int?, Timestamp) = (nil, deadline)
        if case .challenging(_, let index, let stepDeadline) = stage { (step, end) = (index + 1, stepDeadline) }
        return Progress(
            prompt: prompt, step: step, steps: step == nil ? nil : steps.count,
            remaining: max(end - frame.timestamp, .zero),
            advice: step == nil ? advice : stepAdvice.map { [$0] } ?? [],
            outline: frame.face.map { Outline(of: frame, face: $0) })
    }

    /// What is known of the person by now.
    var judgement: Judgement {
        Judgement(cues: cues, steps: records, demand: policy.light, isLitFaceKnown: isLitFaceKnown)
    }

    private func reasonsForTimeout() -> [Reason] {
        switch stage {
        case .challenging: [.timeLimit, .noResponse]
        case .framing, .lighting, .closing:
            // Who went away from a challenge did not merely fail to come.
            (attempt > 0 ? [.timeLimit, .trackBroken] : [.timeLimit]) + (advice.first.map { [$0.reason] } ?? [])
        }
    }
}
