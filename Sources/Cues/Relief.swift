package import Biometrics

/// What the parallax of turns tells of a face's relief, from the least to the most.
package enum Relief: Hashable, Sendable, CaseIterable {
    /// No turn could be read.
    case unread
    /// A sheet, surely.
    case sheet
    /// As little as hardly any head shows, but some sheet.
    case flat
    /// Turns that disagree.
    case unsure
    /// More than any sheet shows, and less than most heads.
    case low
    case head

    /// What it says of an attack.
    package var cue: Cue {
        switch self {
        case .unread: .notChecked
        case .sheet: .attack
        case .flat, .unsure, .low: .undetermined
        case .head: .bonaFide
        }
    }
}
