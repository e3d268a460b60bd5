import Glibc
import Platform

let usage = """
    usage: portraitctl [--counter SOCKET] COMMAND

    verify --portrait FILE   run one verification with the person at the counter and show it live
    status                   tell how the device is
    info                     tell who serves the socket, and its interfaces

    --counter SOCKET         the counter's socket; /run/portraitd/counter.sock when left out
    --json                   print the answers as they come, one a line

    exit status of verify: 0 verified, 3 notMatched, 4 undetermined, 5 refer, 6 attackSuspected,
    7 cancelled or busy; of all: 64 usage, 65 refused input, 69 no daemon or device not ready, 70 protocol fault
    """

/// How the program ends, after sysexits.h where there is no better rule.
enum ExitStatus: CInt {
    case success = 0
    case notMatched = 3
    case undetermined = 4
    case refer = 5
    case attackSuspected = 6
    case cancelled = 7
    case usage = 64
    case refusedInput = 65
    case unavailable = 69
    case protocolFault = 70
}

/// What the command line asks for.
struct Arguments {
    enum Command { case verify(portrait: String), status, info }

    var counter = "/run/portraitd/counter.sock"
    var isJSON = false
    var command: Command

    /// Reads the words after the program's name; throws the sentence that tells what is wrong with them.
    init(_ words: [String]) throws(ArgumentFault) {
        var rest = words[...]
        var (name, portrait): (String?, String?) = (nil, nil)
        while let word = rest.popFirst() {
            switch word {
            case "--json": isJSON = true
            case "--counter", "--portrait":
                guard let value = rest.popFirst() else { throw ArgumentFault(problem: "\(word) needs a value") }
                if word == "--counter" { counter = value } else { portrait = value }
            case _ where word.hasPrefix("-"): throw ArgumentFault(problem: "\(word) is unknown")
            case _ where name == nil: name = word
            default: throw ArgumentFault(problem: "\(word) is too much")
            }
        }
        switch (name, portrait) {
        case ("verify", let portrait?): command = .verify(portrait: portrait)
        case ("verify", nil): throw ArgumentFault(problem: "verify needs --portrait FILE")
        case ("status", nil): command = .status
        case ("info", nil): command = .info
        case (let name?, nil): throw ArgumentFault(problem: "\(name) is no command")
        case (_, _): throw ArgumentFault(problem: name == nil ? "a command is missing" : "--portrait goes with verify")
        }
    }
}

struct ArgumentFault: Error { let problem: String }

func printError(_ text: String) { Console.writeError(text + "\n") }

func run() -> ExitStatus {
    let words = Array(CommandLine.arguments.dropFirst())
    if words.contains("--help") || words.contains("-h") {
        print(usage)
        return .success
    }
    do throws(ArgumentFault) {
        let arguments = try Arguments(words)
        switch arguments.command {
        case .verify(let portrait): return verify(portrait: portrait, arguments)
        case .status: return showStatus(arguments)
        case .info: return showInfo(arguments)
        }
    } catch {
        printError("portraitctl: \(error.problem)\n\n\(usage)")
        return .usage
    }
}

exit(run().rawValue)
