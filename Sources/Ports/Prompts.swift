/// Where a verification stands, as the customer sees it.
package enum Stage: String, Hashable, Sendable, CaseIterable {
    case seeking, framing, challenging, comparing
}

/// One thing that the customer is asked to do; left and right are the customer's own.
package enum Instruction: String, Hashable, Sendable, CaseIterable {
    case lookStraight, turnLeft, turnRight, lookUp, blink
}

/// What the customer can change so that the camera sees better, or sees a step at all; the most important first.
package enum Advice: String, Hashable, Sendable, CaseIterable {
    case noFace, severalFaces, moveCloser, moveBack, moveIntoCentre, lookStraight, tooDark, tooBright, holdStill,
        openEyes, turnFurther
}

/// Several pieces of advice at once, in the order of `Advice`; a value without heap memory.
package struct AdviceSet: Hashable, Sendable {
    private var bits: UInt16 = 0

    package init() {}

    package var isEmpty: Bool { bits == 0 }

    package mutating func insert(_ advice: Advice) { bits |= 1 << advice.order }

    /// The most important first.
    package var ordered: [Advice] { Advice.allCases.filter { bits & (1 << $0.order) != 0 } }
}

extension Advice {
    fileprivate var order: UInt16 {
        switch self {
        case .noFace: 0
        case .severalFaces: 1
        case .moveCloser: 2
        case .moveBack: 3
        case .moveIntoCentre: 4
        case .lookStraight: 5
        case .tooDark: 6
        case .tooBright: 7
        case .holdStill: 8
        case .openEyes: 9
        case .turnFurther: 10
        }
    }
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
