/// Where a verification stands, as the customer sees it.
package enum Stage: String, Hashable, Sendable, CaseIterable {
    case seeking, framing, challenging, comparing
}

/// One thing that the customer is asked to do; left and right are the customer's own.
package enum Instruction: String, Hashable, Sendable, CaseIterable {
    case lookStraight, turnLeft, turnRight, lookUp, blink
}

/// What the customer can change so that the camera sees better.
package enum Advice: String, Hashable, Sendable, CaseIterable {
    case noFace, severalFaces, moveCloser, moveBack, moveIntoCentre, lookStraight, tooDark, tooBright, holdStill,
        openEyes
}

/// All that the customer is told at one moment.
package struct Prompt: Hashable, Sendable {
    package var stage: Stage
    package var instruction: Instruction?
    package var advice: Advice?

    package init(stage: Stage, instruction: Instruction? = nil, advice: Advice? = nil) {
        self.stage = stage
        self.instruction = instruction
        self.advice = advice
    }
}

/// Tells the person at the counter what to do.
package protocol Prompts: Sendable {
    /// Shows `prompt` in place of what was shown before; `nil` clears.
    func show(_ prompt: Prompt?)
}
