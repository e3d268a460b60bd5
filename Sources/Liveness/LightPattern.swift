import Platform
package import Ports

/// Which illuminators are lit one after the other, drawn at random so that a recording cannot know it.
///
/// Every lit state stands between dark ones, so that ambient light and the head's motion can be told apart from it, and
/// so that each change brightens or darkens the whole picture: left after right would look like a video's key frame.
package struct LightPattern: Hashable, Sendable {
    package struct State: Hashable, Sendable {
        package let illuminators: Illuminators
        package let hold: Duration
    }

    /// At most three changes a second: flicker below that harms nobody who is photosensitive (W3C, WCAG 2.1, 2.3.1).
    package static let leastHold = Duration.milliseconds(334)
    package static let longestHold = Duration.milliseconds(346)

    /// Frames that must see each state settled, so that a slow camera has its say; it is not waited for beyond
    /// `patience`.
    package static let leastFrames = 4
    package static let patience = Duration.seconds(1)

    /// Ends dark.
    package let states: [State]
    /// Dark states, drawn at random too, from whose begin on a frame shows whom the light falls on, one for each.
    package let looks: [Int]

    /// From the first state to the end of the last.
    package var length: Duration { states.reduce(.zero) { $0 + $1.hold } }

    /// Draws each of `illuminators` twice, in any order; `nil` unless left and right are among them.
    package static func draw(
        from illuminators: Illuminators, using generator: inout some RandomNumberGenerator
    ) -> LightPattern? {
        guard illuminators.isSuperset(of: [.left, .right]) else { return nil }
        let lit = (illuminators.each + illuminators.each).shuffled(using: &generator)
        func state(_ illuminators: Illuminators) -> State {
            let span = Int64(leastHold.milliseconds)...Int64(longestHold.milliseconds)
            return State(illuminators: illuminators, hold: .milliseconds(Int64.random(in: span, using: &generator)))
        }
        var states: [State] = []
        for next in lit {
            states.append(state([]))
            states.append(state(next))
        }
        states.append(state([]))
        let looks = stride(from: 2, to: states.count - 1, by: 2).shuffled(using: &generator).prefix(2).sorted()
        return LightPattern(states: states, looks: looks)
    }
}
