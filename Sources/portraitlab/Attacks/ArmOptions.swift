import Trials

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
