import Interface
import Platform
import Varlink

/// Examines the device and prints every check as it comes; the exit status is the worst of them.
func doctor(_ arguments: Arguments) -> ExitStatus {
    do throws(CallFault) {
        let checks = try inMaintenance(arguments) { () throws(CallFault) in
            try examine(arguments) { check in
                if arguments.isJSON { printJSON(WireCoding.encode(check)) } else { print(describe(check)) }
                Console.flush()
            }
        }
        if !arguments.isJSON { print(summary(checks)) }
        if checks.contains(where: { $0.result == .fail }) { return .bad }
        return checks.contains { $0.result == .warning } ? .notGood : .success
    } catch {
        return tell(error)
    }
}

/// All checks, each shown when it comes.
func examine(
    _ arguments: Arguments, show: (Technician.Check) -> Void = { _ in }
) throws(CallFault) -> [Technician.Check] {
    var checks: [Technician.Check] = []
    try forEachReply(arguments, "\(InterfaceTexts.service).Examine", more: true) {
        (output: Technician.CheckOutput, _) in
        guard let check = output.check else { return }
        checks.append(check)
        show(check)
    }
    return checks
}

func describe(_ check: Technician.Check) -> String {
    let mark =
        switch check.result {
        case .pass: "✓"
        case .warning: "!"
        case .fail: "✗"
        case .unknown: "?"
        }
    let line = plain("\(mark) \(check.name): \(check.seen)")
    return check.result == .pass ? line : "\(line)\n    \(plain("\(check.meaning) \(check.remedy ?? "")"))"
}

private func summary(_ checks: [Technician.Check]) -> String {
    let counts = Technician.CheckResult.allCases.map { result in
        "\(checks.count { $0.result == result }) \(result.rawValue)"
    }
    return counts.joined(separator: ", ")
}
