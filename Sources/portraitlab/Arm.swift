import Presentations
import Simulator

/// What is presented in one arm of the measurement: a species of attack, or an honest person under a condition.
enum Arm: Hashable {
    case attack(Species)
    case honest(Condition)

    static let all = Species.allCases.map(Arm.attack) + Condition.allCases.map(Arm.honest)

    var name: String {
        switch self {
        case .attack(let species): species.rawValue
        case .honest(let condition): condition.rawValue
        }
    }

    init(named name: String) throws(LabFault) {
        guard let arm = Self.all.first(where: { $0.name == name }) else {
            throw .usage("\(name) is no species; there are \(Self.all.map(\.name).joined(separator: ", "))")
        }
        self = arm
    }

    func setup(seed: UInt64) -> CounterSetup {
        var setup = CounterSetup(seed: seed)
        setup.illuminatorShare = 0.15
        switch self {
        case .attack(let species): setup.species = species
        case .honest(let condition): setup.condition = condition
        }
        return setup
    }
}

extension Options {
    /// The arms that `--species` names, or else `all`.
    func arms() throws -> [Arm] {
        guard let text = values["--species"] else { return Arm.all }
        return try text.split(separator: ",").map { try Arm(named: String($0)) }
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
