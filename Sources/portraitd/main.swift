import Configuration
import Faces
import Glibc
import Platform
import Ports
import Service
import Settings
import Varlink

let usage = """
    usage: portraitd [--pack FOLDER] [--counter SOCKET] SOURCE

    --camera PATH         a V4L2 camera, by its node or a link below /dev/v4l/by-path
    --recording PATH      a Motion JPEG file or a folder of JPEG files, played at 30 frames a second
    --simulate SCENARIO   a simulated person: \(simulatedScenarios); or a scenario file
    --seed NUMBER         which behaviour of the simulated person; the scenario file's, or 0, when left out

    --pack FOLDER         the models; /usr/share/portraitd/pack when left out
    --counter SOCKET      where to listen; /run/portraitd/counter.sock when left out
    --configuration FILE  which FILE.d/*.conf override; \(Configuration.standardPath) when left out
    --check-configuration name every mistake in the configuration and end; needs no source
    """

/// A mistake on the command line, or what keeps the daemon from starting.
struct StartFault: Error {
    let problem: String
    let status: CInt

    static func usage(_ problem: String) -> StartFault { StartFault(problem: "\(problem)\n\n\(usageText)", status: 64) }
}

private let usageText = usage

/// What the command line asks for.
struct Arguments {
    var pack = "/usr/share/portraitd/pack"
    var counter = "/run/portraitd/counter.sock"
    var source: SourceChoice?
    var seed: UInt64?
    /// `nil` for the standard one, which may be missing.
    var configuration: String?
    var checksConfiguration = false

    init(_ words: [String]) throws(StartFault) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--check-configuration" {
                checksConfiguration = true
                continue
            }
            let known = ["--pack", "--counter", "--camera", "--recording", "--simulate", "--seed", "--configuration"]
            guard known.contains(word) else { throw .usage("\(word) is unknown") }
            guard let value = rest.popFirst() else { throw .usage("\(word) needs a value") }
            switch word {
            case "--pack": pack = value
            case "--counter": counter = value
            case "--configuration": configuration = value
            case "--seed":
                guard let number = UInt64(value) else { throw .usage("\(value) is no seed") }
                seed = number
            default:
                guard source == nil else { throw .usage("only one source can be named") }
                source = try SourceChoice(word, value)
            }
        }
    }
}

func run() throws {
    let words = Array(CommandLine.arguments.dropFirst())
    if words.contains("--help") || words.contains("-h") { return print(usage) }
    let arguments = try Arguments(words)
    if arguments.checksConfiguration { return try checkConfiguration(arguments) }
    guard let source = arguments.source else { throw StartFault.usage("a source is missing") }

    try forbidDumps()
    let signals = try SignalSource([SIGTERM, SIGINT])
    let pack = Result { () throws(PackFault) in try ModelPack(folder: arguments.pack) }
    if case .failure(let fault) = pack { Log.write(.error, "event: pack-refused, problem: \(fault.problem)") }
    let (equipment, otherTill) = try makeEquipment(source, pack: pack, folder: arguments.pack, seed: arguments.seed)

    let loop = try EventLoop()
    let service = try CounterService(loop: loop, equipment: equipment)
    let server = try service.makeServer()
    do throws(Errno) {
        try server.serve(try UnixSocket.listen(at: arguments.counter, mode: 0o660))
    } catch {
        throw StartFault(problem: "\(arguments.counter) cannot be served: \(error)", status: 69)
    }
    try otherTill?.begin(at: arguments.counter)
    let watch = try signals.attach(to: loop) { _ in service.stop { loop.stop() } }
    Log.write(.notice, "event: started, source: \(equipment.camera.source.rawValue), counter: \(arguments.counter)")
    try loop.run()
    loop.unwatch(watch)
    server.close()
    _ = unsafe unlink(arguments.counter)
    Log.write(.notice, "event: stopped")
}

func checkConfiguration(_ arguments: Arguments) throws(SettingsFaults) {
    let path = arguments.configuration ?? Configuration.standardPath
    let count = try Configuration(path: path, mustExist: arguments.configuration != nil).policies.count
    print("configuration is right, \(count) \(count == 1 ? "policy" : "policies")")
}

do {
    try run()
} catch let faults as SettingsFaults {
    Console.writeError("\(faults)\n")
    exit(78)
} catch let fault as StartFault {
    Console.writeError("portraitd: \(fault.problem)\n")
    exit(fault.status)
} catch {
    Console.writeError("portraitd: \(error)\n")
    exit(71)
}
