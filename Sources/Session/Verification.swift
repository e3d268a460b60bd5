package import Biometrics
package import Cues
package import Liveness
package import Platform
package import Ports

/// One verification as a pure state machine.
///
/// Nothing here reads a clock, a camera or a lamp: facts come in as events and wishes go out as
/// effects, in the order in which they must be carried out, so every path can be tested as a table.
package struct Verification: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        case requested
        case referenceAccepted, referenceRefused
        case lampLit
        /// The lamp cannot be lit, or went out on its own.
        case lampFailed(LightsFault)
        case captureStarted(at: Timestamp)
        /// The camera is off because it failed.
        case captureFailed(CameraFault)
        /// The camera is off because it was asked to be.
        case captureStopped
        /// The illuminators are as was wished.
        case illuminated(LightSwitch)
        case illuminationFailed(at: Timestamp)
        case observed(FrameReading)
        case compared(ProbeDecisions)
        case ticked(at: Timestamp)
        /// The caller closed the connection.
        case cancelled
        case deviceStopping
    }

    package enum Effect: Hashable, Sendable {
        case checkReference
        case lightLamp, darkenLamp
        case startCapture, stopCapture
        case schedule(AnalysisSchedule)
        /// Compares the samples, and reads the light by when the illuminators changed in each pattern.
        case compare([[LightSwitch]])
        case illuminate(Illuminators)
        case show(Prompt?)
        case report(Progress)
        case conclude(Ending)
    }

    private enum Phase: Hashable {
        case idle, checkingReference, lightingLamp, startingCapture
        case watching(Watch)
        case comparing(Watch)
        /// What the light did is read, though nothing is compared, for good or before the challenge starts over.
        case givingUp(Watch, [Reason], mayStartOver: Bool)
        case stopping(Ending)
        case ended
    }

    private let policy: VerificationPolicy
    /// The challenge of each attempt.
    private let challenges: [Challenge]
    /// Likewise, and a spare one, where the illuminators allow it and the policy asks for it.
    private let patterns: [LightPattern]
    private var phase = Phase.idle

    /// Takes a challenge for the first attempt and one for each restart that `policy` allows.
    package init(policy: VerificationPolicy, challenges: [Challenge], patterns: [LightPattern] = []) {
        precondition(challenges.count == policy.restarts + 1, "every attempt needs a challenge of its own")
        precondition(
            patterns.isEmpty || patterns.count == challenges.count + 1,
            "every attempt needs a pattern of its own, and there is a spare one")
        self.policy = policy
        self.challenges = challenges
        self.patterns = patterns
    }

    package var hasEnded: Bool { phase == .ended }

    /// When the next `ticked` changes something, unless another event comes first; `nil` while none does.
    package var due: Timestamp? {
        guard case .watching(let watch) = phase else { return nil }
        return watch.due
    }

    /// Takes in one fact and returns what must be done about it.
    package mutating func handle(_ event: Event) -> [Effect] {
        switch (phase, event) {
        case (.idle, .requested):
            phase = .checkingReference
            return [.checkReference]

        case (.checkingReference, .referenceAccepted):
            phase = .lightingLamp
            return [.lightLamp]

        case (.checkingReference, .referenceRefused): return end(.referenceRefused)
        case (.checkingReference, .cancelled): return end(.cancelled)

        case (.lightingLamp, .lampLit):
            phase = .startingCapture
            return [.schedule(.framing(sample: .init(.first, attempt: 0))), .startCapture]

        case (.lightingLamp, .lampFailed(let fault)): return [.darkenLamp] + end(.lightsUnavailable(fault))
        case (.lightingLamp, .cancelled): return [.darkenLamp] + end(.cancelled)

        case (.startingCapture, .captureStarted(let time)):
            let watch = Watch(policy: policy, challenges: challenges, patterns: patterns, startedAt: time)
            phase = .watching(watch)
            return []

        case (.startingCapture, .captureFailed(let fault)): return [.darkenLamp] + end(.cameraUnavailable(fault))

        case (.watching(var watch), .observed(let reading)):
            let effects = watch.observe(reading)
            return follow(watch, effects)

        case (.watching(var watch), .ticked(let time)):
            let effects = watch.tick(at: time)
            return follow(watch, effects)

        case (.watching(var watch), .illuminated(let lightSwitch)):
            watch.note(lightSwitch)
            phase = .watching(watch)
            return []

        case (.watching(var watch), .illuminationFailed(let time)):
            let effects = watch.giveUpLight(at: time)
            phase = .watching(watch)
            return effects

        case (.comparing(var watch), .compared(let decisions)):
            guard let effects = watch.lightAgain(after: decisions) else {
                return stop(.decided(watch.judgement.outcome(decisions)))
            }
            phase = .watching(watch)
            return effects

        case (.givingUp(var watch, let reasons, let mayStartOver), .compared(let decisions)):
            guard mayStartOver, !watch.judgement.isAttackSure(light: decisions.light) else {
                return stop(.decided(watch.judgement.givenUp(reasons, light: decisions.light)))
            }
            let effects = watch.startOver()
            phase = .watching(watch)
            return effects

        case (.givingUp(let watch, let reasons, _), .captureFailed),
            (.givingUp(let watch, let reasons, _), .captureStopped):
            return [.show(nil), .darkenLamp] + end(.decided(watch.judgement.givenUp(reasons)))

        case (.givingUp(let watch, let reasons, _), .deviceStopping):
            return stop(.decided(watch.judgement.givenUp(reasons)))

        case (.watching(let watch), .captureFailed), (.watching(let watch), .captureStopped),
            (.comparing(let watch), .captureFailed), (.comparing(let watch), .captureStopped):
            return [.show(nil), .darkenLamp] + end(.decided(watch.judgement.givenUp([.cameraFault])))

        case (.startingCapture, .lampFailed(let fault)), (.watching, .lampFailed(let fault)),
            (.comparing, .lampFailed(let fault)), (.givingUp, .lampFailed(let fault)):
            return stop(.lightsUnavailable(fault))

        case (.startingCapture, .cancelled): return stop(.cancelled)
        case (.watching(let watch), .cancelled): return stop(watch.hasBegunToAsk ? .abandoned : .cancelled)
        case (.comparing, .cancelled), (.givingUp, .cancelled): return stop(.abandoned)

        case (.watching(let watch), .deviceStopping), (.comparing(let watch), .deviceStopping):
            return stop(.decided(watch.judgement.givenUp([.deviceStopping])))

        case (.startingCapture, .deviceStopping): return stop(.cancelled)
        case (.checkingReference, .deviceStopping): return end(.cancelled)
        case (.lightingLamp, .deviceStopping): return [.darkenLamp] + end(.cancelled)

        case (.stopping(let ending), .captureStopped), (.stopping(let ending), .captureFailed):
            return [.darkenLamp] + end(ending)

        // Late, repeated or early facts change nothing. Listed, not defaulted: a new fact must be placed here by hand.
        case (_, .requested), (_, .referenceAccepted), (_, .referenceRefused), (_, .lampLit), (_, .lampFailed),
            (_, .captureStarted), (_, .captureFailed), (_, .captureStopped), (_, .observed), (_, .illuminated),
            (_, .illuminationFailed), (_, .compared), (_, .ticked), (_, .cancelled), (_, .deviceStopping):
            return []
        }
    }

    private mutating func follow(_ watch: Watch, _ step: Watch.Step) -> [Effect] {
        switch step {
        case .goOn(let effects):
            phase = .watching(watch)
            return effects
        case .compare:
            phase = .comparing(watch)
            return [.compare(watch.lightSwitches)]
        case .give(let reasons):
            guard !watch.lightSwitches.isEmpty else { return stop(.decided(watch.judgement.givenUp(reasons))) }
            phase = .givingUp(watch, reasons, mayStartOver: false)
            return [.compare(watch.lightSwitches)]
        case .startOver:
            phase = .givingUp(watch, [.trackBroken], mayStartOver: true)
            return [.compare(watch.lightSwitches)]
        }
    }

    /// The camera goes off first, the lamp after it.
    private mutating func stop(_ ending: Ending) -> [Effect] {
        phase = .stopping(ending)
        return [.show(nil), .stopCapture]
    }

    private mutating func end(_ ending: Ending) -> [Effect] {
        phase = .ended
        return [.conclude(ending)]
    }
}

/// What the analysis does with the next frames.
package struct AnalysisSchedule: Hashable, Sendable {
    package var eyes: EyeSchedule
    /// Which sample usable neutral frames are added to.
    package var sample: SampleRequest?
    package var light = LightWatch.none
    /// At what share of itself the exposure is held; `nil` where it follows the light.
    package var exposure: Double?
    /// What a face must resemble to be added; `nil` for the first sample, which decides it.
    package var neutral: Neutral?

    package init(eyes: EyeSchedule, sample: SampleRequest?, neutral: Neutral? = nil) {
        self.eyes = eyes
        self.sample = sample
        self.neutral = neutral
    }

    package static func framing(sample: SampleRequest) -> AnalysisSchedule {
        AnalysisSchedule(eyes: .alternating, sample: sample)
    }

    /// The sample that the face of `frame` is to be added to, if it will do.
    ///
    /// Allocates nothing.
    package func sample(for frame: FrameObservation, _ requirements: FramingRequirements) -> SampleRequest? {
        guard let sample, let face = frame.face else { return nil }
        let requirements = sample.place == .first ? requirements : requirements.afterLight
        guard requirements.advice(for: frame).isEmpty else { return nil }
        return neutral?.resembles(face) ?? true ? sample : nil
    }
}

/// Whether the face's brightness is measured.
package enum LightWatch: Hashable, Sendable {
    case none
    /// Forgets what was measured before.
    case afresh
    /// Adds to what was measured before.
    case further
}

/// Names one neutral sample: the frames of one attempt before or after its challenge, or in a dark state of a light
/// pattern, which shows whom the light falls on.
package struct SampleRequest: Hashable, Sendable {
    package enum Place: Hashable, Sendable { case first, lit, second }
    package let place: Place
    /// Grows whenever a sample starts anew; faces of different attempts are never mixed.
    package let attempt: Int

    package init(_ place: Place, attempt: Int) {
        self.place = place
        self.attempt = attempt
    }
}

/// What the analysis says of one frame.
package struct FrameReading: Hashable, Sendable {
    package let frame: FrameObservation
    /// The sample that the face was added to.
    package let sample: SampleRequest?
    /// The signs of a presentation attack in this frame and those before.
    package let cues: PassiveCues

    package init(_ frame: FrameObservation, sample: SampleRequest? = nil, cues: PassiveCues = PassiveCues()) {
        self.frame = frame
        self.sample = sample
        self.cues = cues
    }
}

/// What the comparisons of the samples say.
package struct ProbeDecisions: Hashable, Sendable {
    /// First sample against the others: whether one person stood there all along.
    package let samePerson: ComparisonDecision
    /// First and second sample together against the portrait.
    package let reference: ComparisonDecision
    /// What the illuminators did to the face; `nil` when they were not watched.
    package var light: LightReading?

    package init(samePerson: ComparisonDecision, reference: ComparisonDecision, light: LightReading? = nil) {
        self.samePerson = samePerson
        self.reference = reference
        self.light = light
    }

    /// What it says of continuity that both samples show one person, or not.
    var continuity: Cue {
        switch samePerson {
        case .match: .bonaFide
        case .nonMatch: .attack
        case .undetermined: .undetermined
        }
    }
}
