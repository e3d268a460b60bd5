/// What the command line asks for.
struct Arguments {
    enum Command: Equatable {
        case verify(portrait: String)
        case status, health, watch, info, identity, privacy
        case receipts(ReceiptsCommand)
        case maintenance(isOn: Bool)
        case cameras, pinCamera, lights, calibrateLights, doctor, aim
        case report(path: String)
        case commission, rotateKey, decommission
    }

    enum ReceiptsCommand: String, CaseIterable { case list, export, verify }

    var counter = "/run/portraitd/counter.sock"
    var service = "/run/portraitd/service.sock"
    /// The state folder, where it is named; `standardState` else.
    var state: String?
    static let standardState = "/var/lib/portraitd"
    /// Where the identity is written to in place of standard output.
    var output: String?
    var isJSON = false
    /// A log to read without the daemon: a folder of segments or a file of records.
    var log: String?
    /// The thumbprint of the key that the log must begin with.
    var key: String?
    /// A record that must be in the log, as SEQUENCE:HASH.
    var head: String?
    var command = Command.status

    /// Reads the words after the program's name; throws the sentence that tells what is wrong with them.
    init(_ words: [String]) throws(ArgumentFault) {
        var (rest, names) = (words[...], [String]())
        var (given, portrait): (Set<String>, String?) = ([], nil)
        while let word = rest.popFirst() {
            if !word.hasPrefix("-") {
                names.append(word)
                continue
            }
            given.insert(word)
            if word == "--json" {
                isJSON = true
                continue
            }
            guard Self.options.contains(word) else { throw ArgumentFault(problem: "\(word) is unknown") }
            guard let value = rest.popFirst() else { throw ArgumentFault(problem: "\(word) needs a value") }
            switch word {
            case "--counter": counter = value
            case "--service": service = value
            case "--state": state = value
            case "--log": log = value
            case "--key": key = value
            case "--head": head = value
            case "--output": output = value
            default: portrait = value
            }
        }
        guard let name = names.first else { throw ArgumentFault(problem: "a command is missing") }
        command = try Self.command(name, Array(names.dropFirst()), portrait: portrait)
        for option in given.subtracting(Self.options(of: command)).sorted() {
            throw ArgumentFault(problem: "\(option) does not go with \(name)")
        }
    }

    private static let options: Set = [
        "--counter", "--service", "--state", "--portrait", "--log", "--key", "--head", "--output",
    ]

    private static func command(
        _ name: String, _ words: [String], portrait: String?
    ) throws(ArgumentFault) -> Command {
        if name == "receipts" {
            guard words.count == 1, let command = ReceiptsCommand(rawValue: words[0]) else {
                throw ArgumentFault(problem: "receipts needs one of list, export, verify")
            }
            return .receipts(command)
        }
        if name == "maintenance" {
            guard words == ["on"] || words == ["off"] else {
                throw ArgumentFault(problem: "maintenance needs one of on, off")
            }
            return .maintenance(isOn: words == ["on"])
        }
        if name == "cameras", words == ["pin"] { return .pinCamera }
        if name == "lights", words == ["calibrate"] { return .calibrateLights }
        if name == "report" {
            guard words.count == 1 else { throw ArgumentFault(problem: "report needs one FILE") }
            return .report(path: words[0])
        }
        if let word = words.first { throw ArgumentFault(problem: "\(word) is too much") }
        switch name {
        case "verify":
            guard let portrait else { throw ArgumentFault(problem: "verify needs --portrait FILE") }
            return .verify(portrait: portrait)
        case "status": return .status
        case "health": return .health
        case "watch": return .watch
        case "cameras": return .cameras
        case "lights": return .lights
        case "doctor": return .doctor
        case "aim": return .aim
        case "info": return .info
        case "identity": return .identity
        case "privacy": return .privacy
        case "commission": return .commission
        case "rotate-key": return .rotateKey
        case "decommission": return .decommission
        default: throw ArgumentFault(problem: "\(name) is no command")
        }
    }

    private static func options(of command: Command) -> Set<String> {
        switch command {
        case .verify: ["--counter", "--json", "--portrait"]
        case .status, .health, .info, .identity, .privacy: ["--counter", "--json"]
        case .watch: ["--counter"]
        case .report, .aim: ["--service"]
        case .maintenance, .cameras, .pinCamera, .lights, .calibrateLights, .doctor: ["--service", "--json"]
        case .receipts(.verify): ["--service", "--json", "--log", "--key", "--head"]
        case .receipts(.list): ["--service", "--json", "--log"]
        case .receipts(.export): ["--service", "--log"]
        case .commission: ["--service", "--state", "--output"]
        case .rotateKey, .decommission: ["--state"]
        }
    }
}

struct ArgumentFault: Error { let problem: String }
