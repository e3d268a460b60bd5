package import Ports

/// What a challenge may ask for, so that a person who cannot turn or blink can pass one as well.
package struct ChallengeSet: Hashable, Sendable {
    /// What can be asked of a person.
    package static let choices: [Instruction] = [.turnLeft, .turnRight, .lookUp, .blink]
    package static let stepCounts = 2...4
    /// With both turns in every challenge, on whose two sides the depth of a face shows.
    package static let standard = ChallengeSet(checked: choices, 3...4)

    /// Different ones, in the order of `choices`.
    package let instructions: [Instruction]
    /// How many different steps a challenge has.
    package let stepCount: ClosedRange<Int>

    /// Fails when a challenge has fewer than two steps, or more than there are instructions to ask.
    package init?(_ instructions: [Instruction], stepCount: ClosedRange<Int>) {
        let known = Self.choices.filter(instructions.contains)
        guard known.count == instructions.count, stepCount.lowerBound >= Self.stepCounts.lowerBound,
            stepCount.upperBound <= known.count
        else { return nil }
        self.init(checked: known, stepCount)
    }

    private init(checked instructions: [Instruction], _ stepCount: ClosedRange<Int>) {
        self.instructions = instructions
        self.stepCount = stepCount
    }
}

/// The steps that one verification asks for, drawn at random so that a recording cannot know them.
package struct Challenge: Hashable, Sendable {
    /// In the order in which they are asked; turns come first, since glasses do not hide them.
    package let steps: [Instruction]
    /// Asked in place of the first step that gets no response, see `replacement`.
    package let spare: Instruction

    package init(steps: [Instruction], spare: Instruction) {
        self.steps = steps
        self.spare = spare
    }

    /// What is asked once more after `step` got no response: a turn again where both are asked, since no challenge
    /// passes by one side alone.
    package func replacement(for step: Instruction) -> Instruction {
        step.isTurn && steps.count(where: \.isTurn) == 2 ? step : spare
    }

    /// Draws different steps from `set`: a turn first where it allows one, and both turns among three steps or more.
    package static func draw(
        from set: ChallengeSet = .standard, using generator: inout some RandomNumberGenerator
    ) -> Challenge {
        let turns = set.instructions.filter(\.isTurn).shuffled(using: &generator)
        let others = set.instructions.filter { !$0.isTurn }.shuffled(using: &generator)
        let count = Int.random(in: set.stepCount, using: &generator)
        let mostTurns = min(turns.count, count)
        let leastTurns = count > 2 ? mostTurns : max(min(turns.count, 1), count - others.count)
        let turnCount = leastTurns < mostTurns ? Int.random(in: leastTurns...mostTurns, using: &generator) : mostTurns
        let steps = Array(turns.prefix(turnCount) + others.prefix(count - turnCount))
        return Challenge(steps: steps, spare: spare(for: steps, turns: turns, others: others))
    }

    /// A turn where both can be asked; one that is not among `steps`, or else the first of them.
    private static func spare(for steps: [Instruction], turns: [Instruction], others: [Instruction]) -> Instruction {
        let candidates = turns.count == 2 ? turns : turns + others
        return candidates.first { !steps.contains($0) } ?? steps[0]
    }
}

extension Instruction {
    fileprivate var isTurn: Bool {
        switch self {
        case .turnLeft, .turnRight: true
        case .lookUp, .blink, .lookStraight: false
        }
    }
}
