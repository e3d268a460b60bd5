import Presentations
import Simulator

/// What is presented in one arm of the measurement: a species of attack, or an honest person under a condition.
struct Arm: Hashable {
    enum Kind: Hashable {
        case attack(Species)
        case honest(Condition)
    }

    let kind: Kind
    /// What one illuminator gives to a face, as a share of the room's light on it.
    var illuminatorShare = usualShare

    private static let usualShare = 0.15

    static let all = Species.allCases.map { Arm(kind: .attack($0)) } + Condition.allCases.map { Arm(kind: .honest($0)) }
    /// The attacks, and an ordinary person, under illuminators that are too weak for the light challenge to be read.
    static let unlit =
        (Species.allCases.map(Kind.attack) + [.honest(.office)]).map { Arm(kind: $0, illuminatorShare: 0.03) }

    var name: String { illuminatorShare == Self.usualShare ? kindName : "\(kindName)@\(illuminatorShare)" }

    var kindName: String {
        switch kind {
        case .attack(let species): species.rawValue
        case .honest(let condition): condition.rawValue
        }
    }

    func setup(seed: UInt64) -> CounterSetup {
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

extension Options {
    /// The arms that `--species` names, or else all.
    func arms() throws -> [Arm] {
        let all = Arm.all + Arm.unlit
        guard let text = values["--species"] else { return all }
        return try text.split(separator: ",").map { name throws(LabFault) in
            guard let arm = all.first(where: { $0.name == name }) else {
                throw .usage("\(name) is no species; there are \(Arm.all.map(\.name).joined(separator: ", "))")
            }
            return arm
        }
    }
}

/// Joins names for the help text, in lines that fit a terminal.
func wrapped(_ names: [String]) -> String {
    var lines = [""]
    for name in names {
        let last = lines[lines.count - 1]
        if last.isEmpty {
            lines[lines.count - 1] = name
        } else if last.count + name.count > 100 {
            lines.append(name)
        } else {
            lines[lines.count - 1] = "\(last), \(name)"
        }
    }
    return lines.joined(separator: ",\n        ")
}
