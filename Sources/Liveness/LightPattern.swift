import Platform
package import Ports

/// Which illuminators are lit one after the other, drawn at random so that a recording cannot know it.
///
/// Not only which illuminator comes is left to chance but also when it is dark, when one is lit and when both sides are:
/// where light and dark take turns, a video that keeps that beat brightens in step with the device whatever it shows.
/// Each change brightens or darkens the whole picture: left after right would look like a video's key frame.
package struct LightPattern: Hashable, Sendable {
    package struct State: Hashable, Sendable {
        package let illuminators: Illuminators
        package let hold: Duration
    }

    /// At most three changes a second, which is half as many flashes as are thought safe (W3C, WCAG 2.1, 2.3.1).
    package static let leastHold = Duration.milliseconds(334)
    package static let longestHold = Duration.milliseconds(346)

    /// Frames that must see each state settled, so that a slow camera has its say; it is not waited for beyond
    /// `patience`.
    package static let leastFrames = 4
    package static let patience = Duration.seconds(1)

    /// What a front illuminator does not add to the draw, more states must.
    private static func stateCount(_ single: [Illuminators]) -> Int { single.count > 2 ? 13 : 17 }
    /// Of thirty draws one or more is fair; a generator of which none of so many is, is none.
    private static let mostDraws = 1000

    /// Begins and ends dark.
    package let states: [State]
    /// Dark states, drawn at random too, from whose begin on a frame shows whom the light falls on, one for each.
    package let looks: [Int]

    /// From the first state to the end of the last.
    package var length: Duration { states.reduce(.zero) { $0 + $1.hold } }

    /// Draws one; `nil` unless left and right are among `illuminators`.
    package static func draw(
        from illuminators: Illuminators, using generator: inout some RandomNumberGenerator
    ) -> LightPattern? {
        guard illuminators.isSuperset(of: sides) else { return nil }
        for _ in 0..<mostDraws {
            let walk = walk(through: illuminators.each, using: &generator)
            if !isFair(walk, to: illuminators.each) { continue }
            let states = walk.map { illuminators in
                let span = Int64(leastHold.milliseconds)...Int64(longestHold.milliseconds)
                return State(illuminators: illuminators, hold: .milliseconds(Int64.random(in: span, using: &generator)))
            }
            let inside = (1..<walk.count - 1).filter { walk[$0].isEmpty }
            return LightPattern(states: states, looks: inside.shuffled(using: &generator).prefix(2).sorted())
        }
        return nil
    }

    private static let sides: Illuminators = [.left, .right]

    /// Goes at random between dark, one illuminator, and both sides, none of them as bright as the one before.
    private static func walk(
        through single: [Illuminators], using generator: inout some RandomNumberGenerator
    ) -> [Illuminators] {
        var walk: [Illuminators] = [[]]
        while walk.count < stateCount(single) {
            let others: [Illuminators] =
                switch walk[walk.count - 1] {
                case []: single + [sides]
                case sides: single + [[]]
                default: [[], sides]
                }
            walk.append(others[Int.random(in: 0..<others.count, using: &generator)])
        }
        return walk
    }

    /// Whether enough of everything is in it to tell its effects apart, with two dark states for the looks.
    ///
    /// Not more than that: a screen that senses how bright it is must guess which one is lit, each time. Without a front,
    /// it would know half of it.
    private static func isFair(_ walk: [Illuminators], to single: [Illuminators]) -> Bool {
        func count(_ state: Illuminators) -> Int { walk.count { $0 == state } }
        return walk[walk.count - 1].isEmpty && count([]) >= 4 && count(sides) >= 1
            && single.allSatisfy { count($0) >= 1 } && count(.left) + count(.right) >= (single.count > 2 ? 4 : 7)
    }
}
