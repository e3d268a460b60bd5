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
        /// The illuminators go through their pattern; the state of that number was wished for, and so many frames saw it
        /// settled.
        case lighting(LightPattern, Int, frames: Int)
        case challenging(StepJudge, Int, deadline: Timestamp)
        /// The second neutral sample is taken.
        case closing
    }

    private static let reportInterval = Duration.milliseconds(100)

    private let policy: VerificationPolicy
    private let challenges: [Challenge]
    private let patterns: [LightPattern]
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
    private(set) var lightSwitches: [LightSwitch] = []
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
        self.startedAt = startedAt
        self.deadline = startedAt + policy.timeLimit
        self.steps = challenges[0].steps
    }

    // MARK: Events

    mutating func observe(_ reading: FrameReading) -> Step {
        let frame = reading.frame
        // A buffer that the driver filled before the start shows somebody else.
        guard frame.timestamp >= startedAt else { return .goOn([]) }
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

    private var requirements: FramingRequirements {
        switch stage {
        case .framing: policy.framing
        case .lighting, .challenging, .closing: policy.framing.afterLight
        }
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
            guard attempt < patterns.count else { return .goOn(ask(0, at: frame.timestamp)) }
            return .goOn(beginLight(patterns[attempt]))

        case .lighting(let pattern, let index, let frames):
            guard let face = frame.face, face.track == track else { return restart() }
            if let shown = lightSwitches.last, frame.timestamp >= shown.end + LightSwitch.settling {
                stage = .lighting(pattern, index, frames: frames + 1)
            }
            return .goOn(advanceLight(at: frame.timestamp))

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

    private mutating func beginLight(_ pattern: LightPattern) -> [Verification.Effect] {
        stage = .lighting(pattern, 0, frames: 0)
        lightSwitches = []
        reportedAt = nil
        var schedule = AnalysisSchedule(eyes: .none, sample: nil)
        schedule.watchesLight = true
        return [.schedule(schedule), .illuminate(pattern.states[0].illuminators)]
    }

    /// The next state once the one that is shown was held long enough; after the last the challenge begins.
    private mutating func advanceLight(at time: Timestamp) -> [Verification.Effect] {
        guard case .lighting(let pattern, let index, let frames) = stage, lightSwitches.count > index,
            let shown = lightSwitches.last, time >= shown.end + pattern.states[index].hold
        else { return [] }
        guard frames >= LightPattern.leastFrames || time >= shown.end + LightPattern.patience else { return [] }
        guard index + 1 < pattern.states.count else { return ask(0, at: time) }
        stage = .lighting(pattern, index + 1, frames: 0)
        return [.illuminate(pattern.states[index + 1].illuminators)]
    }

    mutating func note(_ lightSwitch: LightSwitch) {
        guard case .lighting = stage else { return }
        lightSwitches.append(lightSwitch)
    }

    /// Goes on without a light that cannot be switched.
    mutating func giveUpLight(at time: Timestamp) -> [Verification.Effect] {
        guard case .lighting = stage else { return [] }
        lightSwitches = []
        return ask(0, at: time)
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
        let wasLit = lightSwitches.last.map { !$0.illuminators.isEmpty } ?? false
        lightSwitches = []
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
        return .goOn([.schedule(.framing(sample: sample))] + (wasLit ? [.illuminate([])] : []))
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

    // MARK: Endings

    /// The end of a verification in which nothing was compared; `reasons` hold unless an attack is sure.
    func givenUp(_ reasons: [Reason]) -> Outcome {
        let layers = layers(challengeResponse: records.isEmpty ? .notChecked : .undetermined)
        let isAttack = layers.all.contains(.attack)
        return Outcome(
            verdict: isAttack ? .attackSuspected : .undetermined, reasons: isAttack ? [.presentationAttack] : reasons,
            steps: records, layers: layers)
    }

    private func layers(challengeResponse: Cue) -> LivenessLayers {
        var layers = LivenessLayers(challengeResponse: challengeResponse)
        layers.depth = cues.depth
        layers.surface = cues.surface
        layers.surround = cues.surround
        layers.continuity = cues.continuity
        layers.injection = cues.injection
        return layers
    }

    /// The verdict of a challenge that was passed.
    func outcome(_ decisions: ProbeDecisions) -> Outcome {
        var layers = layers(challengeResponse: .bonaFide)
        layers.light = decisions.light?.result ?? .notChecked
        if layers.continuity != .attack { layers.continuity = decisions.continuity }
        let (verdict, reasons) = verdict(layers, decisions)
        return Outcome(verdict: verdict, reasons: reasons, steps: records, layers: layers)
    }

    private func verdict(_ layers: LivenessLayers, _ decisions: ProbeDecisions) -> (Verdict, [Reason]) {
        switch (decisions.samePerson, layers.decision(demanding: policy.light), decisions.reference) {
        case (.nonMatch, _, _): (.attackSuspected, [.personChanged])
        case (_, .attack, _): (.attackSuspected, [.presentationAttack])
        case (.undetermined, _, _): (.undetermined, [.personChanged])
        case (.match, .undetermined, _): (.undetermined, [.livenessUndetermined])
        case (.match, _, .nonMatch): (.notMatched, [.nonMatch])
        case (.match, .withoutLight, .match): (.refer, [.lightNotChecked])
        case (.match, .withoutLight, .undetermined): (.refer, [.comparisonUndetermined, .lightNotChecked])
        case (.match, .bonaFide, .match): (.verified, [])
        case (.match, .bonaFide, .undetermined): (.refer, [.comparisonUndetermined])
        }
    }

    private func reasonsForTimeout() -> [Reason] {
        switch stage {
        case .challenging: [.timeLimit, .noResponse]
        case .framing, .lighting, .closing:
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
