import Configuration
import Evidence
import Faces
import Glibc
import Platform
import Ports
import Service
import Settings
import Varlink
import Workshop

let usage = """
    usage: portraitd [OPTION]... SOURCE

    --board FILE          the camera and the lights of a board profile
    --camera PATH         a V4L2 camera without lights, by its node or a link below /dev/v4l/by-path
    --recording PATH      a Motion JPEG file or a folder of JPEG files, played at 30 frames a second
    --simulate SCENARIO   a simulated person: \(simulatedScenarios); or a scenario file
    --seed NUMBER         which behaviour of the simulated person; the scenario file's, or 0, when left out

    --pack FOLDER         the models; /usr/share/portraitd/pack when left out
    --counter SOCKET      where to listen; /run/portraitd/counter.sock when left out
    --service SOCKET      where technicians and auditors are answered; nowhere when left out
    --state FOLDER        key, log and limits; $STATE_DIRECTORY or /var/lib/portraitd when left out
    --configuration FILE  which FILE.d/*.conf override; \(Configuration.standardPath) when left out
    --darken              turn the lights of the board profile off, and end
    --check-configuration name every mistake in the configuration and the board profile, and end
    """

/// A mistake on the command line, or what keeps the daemon from starting.
struct StartFault: Error {
    let problem: String
    let status: CInt

    static func usage(_ problem: String) -> StartFault {
        StartFault(problem: "\(problem); see portraitd --help", status: 64)
    }
}

extension StartFault {
    init(_ error: any Error) {
        switch error {
        case let faults as SettingsFaults: self.init(problem: "\(faults)", status: 78)
        case let fault as StartFault: self.init(problem: "portraitd: \(fault.problem)", status: fault.status)
        default: self.init(problem: "portraitd: \(error)", status: 71)
        }
    }
}

/// What the command line asks for.
struct Arguments {
    var pack = "/usr/share/portraitd/pack"
    var counter = "/run/portraitd/counter.sock"
    var service: String?
    var state = environment("STATE_DIRECTORY") ?? "/var/lib/portraitd"
    var source: SourceChoice?
    var seed: UInt64?
    /// `nil` for the standard one, which may be missing.
    var configuration: String?
    var checksConfiguration = false
    var darkens = false

    init(_ words: [String]) throws(StartFault) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--check-configuration" {
                checksConfiguration = true
                continue
            }
            if word == "--darken" {
                darkens = true
                continue
            }
            let known = [
                "--pack", "--counter", "--service", "--state", "--board", "--camera", "--recording", "--simulate",
                "--seed", "--configuration",
            ]
            guard known.contains(word) else { throw .usage("\(word) is unknown") }
            guard let value = rest.popFirst() else { throw .usage("\(word) needs a value") }
            switch word {
            case "--pack": pack = value
            case "--counter": counter = value
            case "--service": service = value
            case "--state": state = value
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

func run(_ words: [String]) throws {
    if words.contains("--help") || words.contains("-h") { return print(usage) }
    let arguments = try Arguments(words)
    if arguments.checksConfiguration { return try checkConfiguration(arguments) }
    guard let source = arguments.source else { throw StartFault.usage("a source is missing") }
    if arguments.darkens {
        guard case .board(let path) = source else { throw StartFault.usage("--darken needs a board profile") }
        let board = try Board(path: path)
        do throws(LightsFault) { return try board.darken() } catch {
            throw StartFault(problem: error.description, status: 69)
        }
    }

    try forbidDumps()
    try forbidNetwork()
    let signals = try SignalSource([SIGTERM, SIGINT, SIGHUP])
    let pack = Result { () throws(PackFault) in try ModelPack(folder: arguments.pack) }
    let configuration = try readConfiguration(arguments, pack)
    if case .failure(let fault) = pack { Log.write(.error, "event: pack-refused, problem: \(fault.problem)") }
    let evidence = openEvidence(arguments, configuration)
    let (equipment, otherTill) = try makeEquipment(
        source, pack: pack, evidence: evidence, folder: arguments.pack, seed: arguments.seed)

    let loop = try EventLoop()
    let service = try CounterService(loop: loop, equipment: equipment, configuration: configuration)
    let supervision = Supervision(service, loop: loop)
    let doors = try openDoors(arguments, service)
    let watch = try signals.attach(to: loop) { signal in
        if signal == SIGHUP { return supervision.reload { reload(arguments, pack, service) } }
        supervision.end()
        service.stop { loop.stop() }
    }
    try otherTill?.begin(at: arguments.counter)
    Log.write(.notice, "event: started, source: \(equipment.camera.source.rawValue), counter: \(arguments.counter)")
    supervision.begin()
    try loop.run()
    loop.unwatch(watch)
    for door in doors { door.close() }
    Log.write(.notice, "event: stopped")
}

func readConfiguration(
    _ arguments: Arguments, _ pack: Result<ModelPack, PackFault>
) throws(SettingsFaults) -> Configuration {
    try Configuration(
        path: arguments.configuration ?? Configuration.standardPath, mustExist: arguments.configuration != nil,
        thresholdSets: try? pack.get().thresholdSets)
}

/// Refuses keys that cannot be used as well; a daemon that starts tells them in its status.
func readConfigurationAndKeys(
    _ arguments: Arguments, _ pack: Result<ModelPack, PackFault>
) throws(SettingsFaults) -> Configuration {
    let configuration = try readConfiguration(arguments, pack)
    let faults = configuration.sealingKeyFaults.map {
        SettingsFault(file: $0.path, problem: $0.problem, remedy: $0.remedy)
    }
    guard faults.isEmpty else { throw SettingsFaults(faults) }
    return configuration
}

/// Takes on a new configuration as a whole, or stays with the old one.
func reload(_ arguments: Arguments, _ pack: Result<ModelPack, PackFault>, _ service: CounterService) {
    do throws(SettingsFaults) {
        service.change(try readConfigurationAndKeys(arguments, pack))
        Log.write(.notice, "event: configuration-reloaded")
    } catch {
        for fault in error.all { Log.write(.error, "event: configuration-refused, problem: \(fault)") }
    }
}

func openEvidence(_ arguments: Arguments, _ configuration: Configuration) -> Result<EvidenceKeeper, EvidenceFault> {
    let credential = environment("CREDENTIALS_DIRECTORY").map { "\($0)/portraitd.key" }
    let evidence = Result { () throws(EvidenceFault) in
        try EvidenceKeeper(
            .init(
                path: arguments.state, credential: credential.flatMap { unsafe access($0, F_OK) == 0 ? $0 : nil },
                limits: configuration.log, clock: SystemWallClock()))
    }
    if case .failure(let fault) = evidence { Log.write(.error, "event: evidence-refused, problem: \(fault.problem)") }
    return evidence
}

/// Names the mistakes of both files at once.
func checkConfiguration(_ arguments: Arguments) throws(SettingsFaults) {
    var faults: [SettingsFault] = []
    if case .board(let path)? = arguments.source {
        do throws(SettingsFaults) { _ = try Board(path: path) } catch { faults = error.all }
    }
    do throws(SettingsFaults) {
        let pack = Result { () throws(PackFault) in try ModelPack(folder: arguments.pack) }
        let count = try readConfigurationAndKeys(arguments, pack).policies.count
        if faults.isEmpty { return print("configuration is right, \(count) \(count == 1 ? "policy" : "policies")") }
    } catch {
        faults += error.all
    }
    throw SettingsFaults(faults)
}

let words = Array(CommandLine.arguments.dropFirst())
do { try run(words) } catch {
    let fault = StartFault(error)
    Console.writeError("\(fault.problem)\n")
    // Only a daemon is started again.
    if Set(words).isDisjoint(with: ["--check-configuration", "--darken"]) { Supervision.holdBack(fault) }
    exit(fault.status)
}
