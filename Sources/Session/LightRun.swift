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

/// A light pattern while the illuminators go through it.
struct LightRun: Hashable {
    enum Step: Hashable {
        case wait
        case show(Illuminators)
        case end
    }

    private let pattern: LightPattern
    /// The state that was wished for last, and how many frames saw it settled.
    private var index = 0
    private var frames = 0
    /// When the illuminators changed.
    private(set) var switches: [LightSwitch] = []

    init(_ pattern: LightPattern) { self.pattern = pattern }

    /// What it begins with.
    var first: Illuminators { pattern.states[0].illuminators }

    var isLit: Bool { switches.last.map { !$0.illuminators.isEmpty } ?? false }

    mutating func note(_ lightSwitch: LightSwitch) { switches.append(lightSwitch) }

    /// Counts a frame that shows the face.
    mutating func see(at time: Timestamp) {
        if let shown = switches.last, time >= shown.end + LightSwitch.settling { frames += 1 }
    }

    /// The next state once the one that is shown was held long enough and seen often enough.
    mutating func advance(at time: Timestamp) -> Step {
        guard switches.count > index, let shown = switches.last, time >= shown.end + pattern.states[index].hold,
            frames >= LightPattern.leastFrames || time >= shown.end + LightPattern.patience
        else { return .wait }
        guard index + 1 < pattern.states.count else { return .end }
        index += 1
        frames = 0
        return .show(pattern.states[index].illuminators)
    }
}
