package import Presentations
package import Simulator

/// What is presented in one arm of the measurement: a species of attack, or an honest person under a condition.
package struct Arm: Hashable {
    package enum Kind: Hashable {
        case attack(Species)
        case honest(Condition)
    }

    package let kind: Kind
    /// What one illuminator gives to a face, as a share of the room's light on it.
    package let illuminatorShare: Double

    package static let usualShare = 0.15

    package init(kind: Kind, illuminatorShare: Double = usualShare) {
        (self.kind, self.illuminatorShare) = (kind, illuminatorShare)
    }

    package static let all =
        Species.allCases.map { Arm(kind: .attack($0)) } + Condition.allCases.map { Arm(kind: .honest($0)) }
    /// The attacks, and an ordinary person, under illuminators that are too weak for the light challenge to be read.
    package static let unlit =
        (Species.allCases.map(Kind.attack) + [.honest(.office)]).map { Arm(kind: $0, illuminatorShare: 0.03) }

    package var name: String { illuminatorShare == Self.usualShare ? kindName : "\(kindName)@\(illuminatorShare)" }

    package var kindName: String {
        switch kind {
        case .attack(let species): species.rawValue
        case .honest(let condition): condition.rawValue
        }
    }

    package func setup(seed: UInt64) -> CounterSetup {
        var setup = CounterSetup(seed: seed)
        setup.illuminatorShare = illuminatorShare
        setup.drawCarrier()
        switch kind {
        case .attack(let species): setup.species = species
        case .honest(let condition): setup.condition = condition
        }
        return setup
    }
}
