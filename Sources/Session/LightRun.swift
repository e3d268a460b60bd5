import Biometrics
import Cues
import Liveness
import Platform
import Ports

extension LightPattern {
    /// How long it is likely to take after an earlier one that went like `run`: a slow camera stretches every state.
    func length(after run: [LightSwitch]?) -> Duration {
        guard let run, run.count > 1, let first = run.first, let last = run.last else { return length }
        return max(length, (last.end - first.begin) * states.count / (run.count - 1))
    }
}

/// The light patterns that were played in one attempt.
struct LightRuns: Hashable {
    /// When the illuminators changed in each.
    private(set) var switches: [[LightSwitch]] = []
    /// Whether the comparison has the face that was lit in each that was played to its end.
    private(set) var isFaceKnown = true
    /// Whether the illuminators failed in one.
    private(set) var wasCut = false

    mutating func append(_ run: LightRun) {
        switches.append(run.switches)
        isFaceKnown = isFaceKnown && run.isFaceKnown
    }

    mutating func cut(_ run: LightRun) {
        switches.append(run.switches)
        wasCut = true
    }
}

/// A light pattern while the illuminators go through it.
struct LightRun: Hashable {
    enum Step: Hashable {
        case goOn([Verification.Effect])
        case end
    }

    private let pattern: LightPattern
    private let watch: LightWatch
    private let sample: SampleRequest
    private let neutral: Neutral?
    private let exposure: Double
    /// The state that was wished for last, and how many frames saw it settled.
    private var index = 0
    private var frames = 0
    /// States in which a frame showed whom the light falls on, and whether one is waited for.
    private var looks: [Int] = []
    private var isLooking = false
    /// When the illuminators changed.
    private(set) var switches: [LightSwitch] = []

    /// Compares the faces of this run under the name of `attempt`, as far as they resemble `neutral`, and holds the
    /// exposure at a share of itself.
    init(_ pattern: LightPattern, _ watch: LightWatch, attempt: Int, neutral: Neutral?, exposure: Double) {
        self.pattern = pattern
        self.watch = watch
        self.sample = SampleRequest(.lit, attempt: attempt)
        self.neutral = neutral
        self.exposure = exposure
    }

    /// What to begin with.
    var beginning: [Verification.Effect] { [schedule, .illuminate(pattern.states[0].illuminators)] }

    var isLit: Bool { switches.last.map { !$0.illuminators.isEmpty } ?? false }

    /// Whether every look had its frame.
    var isFaceKnown: Bool { looks.count == pattern.looks.count }

    mutating func note(_ lightSwitch: LightSwitch) { switches.append(lightSwitch) }

    /// Counts a frame that shows the face, and was added to that sample.
    mutating func see(at time: Timestamp, sample: SampleRequest?) {
        if sample == self.sample, let state = switches.lastIndex(where: { time >= $0.begin }), wantsFace(in: state) {
            looks.append(state)
        }
        if let shown = switches.last, time >= shown.end + LightSwitch.settling { frames += 1 }
    }

    /// The next state once the one that is shown was held long enough and seen often enough.
    mutating func advance(at time: Timestamp) -> Step {
        var effects: [Verification.Effect] = []
        if let due, time >= due {
            guard index + 1 < pattern.states.count else { return .end }
            index += 1
            frames = 0
            effects.append(.illuminate(pattern.states[index].illuminators))
        }
        if wantsFace(in: index) != isLooking {
            isLooking.toggle()
            effects.append(schedule)
        }
        return .goOn(effects)
    }

    /// When the state that is shown is over, by what was seen of it so far; `nil` before it is shown.
    var due: Timestamp? {
        guard switches.count > index, let shown = switches.last else { return nil }
        let isSeen = frames >= LightPattern.leastFrames && (index + 1 < pattern.states.count || !wantsFace(in: index))
        return shown.end + (isSeen ? pattern.states[index].hold : LightPattern.patience)
    }

    /// Of each state that is looked at, and of the last in place of one that had no frame: not of more, since everybody
    /// knows when the last one is.
    private func wantsFace(in state: Int) -> Bool {
        if pattern.looks.contains(state) { return !looks.contains(state) }
        return state + 1 == pattern.states.count && looks.count + 1 == pattern.looks.count
    }

    private var schedule: Verification.Effect {
        var schedule =
            isLooking
            ? AnalysisSchedule(eyes: .alternating, sample: sample, neutral: neutral)
            : AnalysisSchedule(eyes: .none, sample: nil)
        (schedule.light, schedule.exposure) = (watch, exposure)
        return .schedule(schedule)
    }
}
