import Biometrics
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
        case challenging(StepJudge, Int, deadline: Timestamp)
        /// The second neutral sample is taken.
        case closing
    }

    private static let reportInterval = Duration.milliseconds(100)

    private let policy: VerificationPolicy
    private let challenges: [Challenge]
    private let deadline: Timestamp
    private let startedAt: Timestamp

    private var stage = Stage.framing
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
    private var blinks = BlinkDetector()
    private var advice: [Advice] = [.noFace]
    /// What keeps the current step from being seen.
    private var stepAdvice: Advice?
    private var shown: Prompt?
    private var reportedAt: Timestamp?

    init(policy: VerificationPolicy, challenges: [Challenge], startedAt: Timestamp) {
        self.policy = policy
        self.challenges = challenges
        self.startedAt = startedAt
        self.deadline = startedAt + policy.timeLimit
        self.steps = challenges[0].steps
    }

    // MARK: Events

    mutating func observe(_ frame: FrameObservation, sample: SampleRequest?) -> Step {
        // A buffer that the driver filled before the start shows somebody else.
        guard frame.timestamp >= startedAt else { return .goOn([]) }
        advice = policy.framing.advice(for: frame).ordered
        let blink = frame.face.flatMap { blinks.observe($0.eyeOpening, yaw: $0.pose.yaw, at: frame.timestamp) }
        let step = advance(frame, sample: sample, blink: blink)
        return reporting(step, frame)
    }

    mutating func tick(at time: Timestamp) -> Step {
        if time >= deadline { return .give(reasonsForTimeout()) }
        guard case .challenging(_, let index, let stepDeadline) = stage, time >= stepDeadline else { return .goOn([]) }
        records.append(StepRecord(instruction: steps[index], responded: false))
        guard !spareUsed else { return .give([.noResponse]) }
        spareUsed = true
        steps[index] = challenges[attempt].spare
        return .goOn(ask(index, at: time))
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
            return neutral == nil ? reframe() : .goOn(ask(0, at: frame.timestamp))

        case .challenging(var judge, let index, let stepDeadline):
            guard let face = frame.face, face.track == track else { return restart() }
            guard frame.faceCount == 1 else { return .goOn([]) }
            guard judge.accepts(face, at: frame.timestamp, blink: blink) else {
                stage = .challenging(judge, index, deadline: stepDeadline)
                stepAdvice = judge.needsNeutral(face) ? .lookStraight : nil
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

    private mutating func ask(_ index: Int, at time: Timestamp) -> [Verification.Effect] {
        guard let neutral else { return [] }
        let judge = StepJudge(steps[index], neutral: neutral, issuedAt: time)
        stage = .challenging(judge, index, deadline: min(time + policy.stepLimit, deadline))
        stepAdvice = nil
        reportedAt = nil
        let eyes: EyeSchedule = steps[index] == .blink ? .alternating : .none
        return [.schedule(AnalysisSchedule(eyes: eyes, sample: nil))]
    }

    private mutating func close() -> [Verification.Effect] {
        stage = .closing
        sampledFrames = 0
        sample = SampleRequest(.second, attempt: sample.attempt)
        reportedAt = nil
        return [.schedule(AnalysisSchedule(eyes: .alternating, sample: sample, neutral: neutral))]
    }

    /// Looks for a face again, before anything was asked of it.
    private mutating func reframe() -> Step {
        stage = .framing
        sample = SampleRequest(.first, attempt: sample.attempt + 1)
        steps = challenges[attempt].steps
        records = []
        spareUsed = false
        faces = []
        sampledFrames = 0
        track = nil
        neutral = nil
        blinks = BlinkDetector()
        reportedAt = nil
        return .goOn([.schedule(.framing(sample: sample))])
    }

    /// Starts over with a new challenge after the track broke, as often as the policy says.
    private mutating func restart() -> Step {
        guard attempt < policy.restarts else { return .give([.trackBroken]) }
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

    // MARK: Endings

    func undetermined(_ reasons: [Reason]) -> Outcome {
        Outcome(
            verdict: .undetermined, reasons: reasons, steps: records,
            challengeResponse: records.isEmpty ? .notChecked : .undetermined)
    }

    /// The verdict of a challenge that was passed.
    func outcome(_ decisions: ProbeDecisions) -> Outcome {
        let (verdict, reasons): (Verdict, [Reason]) =
            switch (decisions.samePerson, decisions.reference) {
            case (.nonMatch, _): (.attackSuspected, [.personChanged])
            case (.undetermined, _): (.undetermined, [.personChanged])
            case (.match, .match): (.verified, [])
            case (.match, .nonMatch): (.notMatched, [.nonMatch])
            case (.match, .undetermined): (.refer, [.comparisonUndetermined])
            }
        return Outcome(verdict: verdict, reasons: reasons, steps: records, challengeResponse: .bonaFide)
    }

    private func reasonsForTimeout() -> [Reason] {
        switch stage {
        case .challenging: [.timeLimit, .noResponse]
        case .framing, .closing:
            switch advice.first {
            case .noFace: [.timeLimit, .noFace]
            case .severalFaces: [.timeLimit, .severalFaces]
            case .moveCloser, .moveBack, .moveIntoCentre, .lookStraight, .tooDark, .tooBright, .holdStill, .openEyes:
                [.timeLimit, .poorQuality]
            case nil: [.timeLimit]
            }
        }
    }
}
