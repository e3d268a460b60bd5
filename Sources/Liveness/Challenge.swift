package import Ports

/// The steps that one verification asks for, drawn at random so that a recording cannot know them.
package struct Challenge: Hashable, Sendable {
    /// In the order in which they are asked; turns come first, since glasses do not hide them.
    package let steps: [Instruction]
    /// Asked in place of the first step that gets no response.
    package let spare: Instruction

    package init(steps: [Instruction], spare: Instruction) {
        self.steps = steps
        self.spare = spare
    }

    /// Draws two to four different steps, at least one of them a turn.
    package static func draw(using generator: inout some RandomNumberGenerator) -> Challenge {
        let turns = [Instruction.turnLeft, .turnRight].shuffled(using: &generator)
        let others = [Instruction.lookUp, .blink].shuffled(using: &generator)
        let count = Int.random(in: 2...4, using: &generator)
        let turnCount = count == 2 ? Int.random(in: 1...2, using: &generator) : 2
        let steps = turns.prefix(turnCount) + others.prefix(count - turnCount)
        let last = steps.last
        let spare = turns.first { !steps.contains($0) } ?? turns.first { $0 != last } ?? .turnLeft
        return Challenge(steps: Array(steps), spare: spare)
    }
}
