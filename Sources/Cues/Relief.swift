package import Biometrics

/// What the parallax of turns tells of a face's relief; the lines between are in `Thresholds.Depth`.
package enum Relief: Hashable, Sendable, CaseIterable {
    /// No turn could be read.
    case unread
    /// A sheet, surely.
    case sheet
    /// A part of the face shows much less than the rest, as paper before it would.
    case partial
    /// Over all turns as little as a sheet shows, but not to two sides.
    case unsure
    /// Over all turns more than a sheet shows, but turns disagree, or show hardly a head, or too little of a part.
    case flat
    /// More than any sheet shows, to every side, and less than most heads.
    case low
    case head

    /// What it says of an attack.
    package var cue: Cue {
        switch self {
        case .unread: .notChecked
        case .sheet: .attack
        case .partial, .unsure, .flat, .low: .undetermined
        case .head: .bonaFide
        }
    }

    /// Whether a head's shading is believed beside it, in so many light patterns.
    package func allowsHead(after patternCount: Int) -> Bool {
        switch self {
        case .sheet, .partial, .unsure: false
        case .flat: patternCount > 1
        case .unread, .low, .head: true
        }
    }
}
