package import Biometrics

/// What the parallax of turns tells of a face's relief; the lines between are in `Thresholds.Depth`.
package enum Relief: Hashable, Sendable, CaseIterable {
    /// No turn could be read.
    case unread
    /// A sheet, surely.
    case sheet
    /// A part of the face shows much less than the rest, as paper before it would.
    case partial
    /// To two sides as little as a sheet may show, and hardly a head.
    case flat
    /// Turns that disagree.
    case unsure
    /// Over all turns more than a sheet shows, and less than most heads.
    case low
    case head

    /// What it says of an attack.
    package var cue: Cue {
        switch self {
        case .unread: .notChecked
        case .sheet: .attack
        case .partial, .flat, .unsure, .low: .undetermined
        case .head: .bonaFide
        }
    }
}
