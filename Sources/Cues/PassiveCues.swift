package import Biometrics

/// What the passive cues say of one person so far.
package struct PassiveCues: Hashable, Sendable {
    package var depth = Cue.notChecked
    package var bezel = Cue.notChecked
    package var moire = Cue.notChecked

    package init() {}
}
