/// How somebody moves, looks and answers; what is left to chance is drawn by the seed.
package struct Habits: Hashable, Sendable {
    package var manner = Manner.willing
    /// Seconds until the person comes; `nil` leaves it to chance.
    package var arrival: Double?
    /// Seconds from a prompt until the person acts; `nil` leaves it to chance.
    package var reactionTime: Double?
    package var place = Place.usual
    /// Whether the person stands from the start where the device wants one.
    package var isReady = false
    /// Centimetres from the camera at which a hand holds something up; `nil` for a person on the feet.
    package var held: ClosedRange<Double>?
    /// Degrees of a turn of the head to one side.
    package var turn = 18.0...35
    /// Degrees of a look up.
    package var look = 12.0...22
    /// Times as long as others take for a movement.
    package var slowness = 1.0
    /// Mean seconds between natural blinks, beyond the two that always pass.
    package var blinkGap = 1.5
    /// Times the unrest of a person who stands still.
    package var unrest = 1.0
    package var talks = false

    package init() {}

    /// How a person takes part.
    package enum Manner: Sendable { case willing, still, leaving }
}

/// Where the visitor stands at first.
package enum Place: String, Hashable, Sendable, CaseIterable {
    case usual, far, near, aside
}
