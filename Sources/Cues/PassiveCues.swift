package import Biometrics

/// What the passive cues say of one person so far.
package struct PassiveCues: Hashable, Sendable {
    package var relief = Relief.unread
    package var bezel = Cue.notChecked
    package var moire = Cue.notChecked
    package var surround = Cue.notChecked
    package var continuity = Cue.notChecked
    package var injection = Cue.notChecked

    package init() {}

    /// What the relief says of an attack.
    package var depth: Cue { relief.cue }

    /// Bezel and moiré together: either denies, and neither can say that a face is bona fide.
    package var surface: Cue {
        let both = [bezel, moire]
        if both.contains(.attack) { return .attack }
        return both.contains(.undetermined) ? .undetermined : .notChecked
    }
}
