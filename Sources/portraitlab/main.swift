import Glibc
import Platform
import Trials

let usage = """
    usage: portraitlab COMMAND

    analyse [--json] [--frame-rate NUMBER] [--picture OUT.svg] INPUT
        read faces off a Motion JPEG file, a folder of JPEG files, `-`, or any other clip through ffmpeg; NUMBER frames a
        second, without it as many as the clip says, or 30
    simulate [--json] [--scenario willing] [--seeds 1000-1099]
        run whole verifications of simulated persons, faster than real time
    pairs [--json] [--picture OUT.svg] [--protocol lfw] [--root DIR] PAIRS.csv
    pairs [--json] [--picture OUT.svg] [--root DIR] --lfw pairs.txt
        measure recognition on labelled pairs of JPEG files, named relative to DIR or else to the list's folder;
        a CSV list has a header `file_a,file_b,same`, and --protocol lfw cuts it into ten folds as it stands
    attacks [--json] [--seeds \(reportSeeds.lowerBound)-\(reportSeeds.upperBound)] [--shard K/N] [--species NAME,...] [--trials FOLDER] [--stored]
            [--picture OUT.svg] [--report OUT.md]
        present attacks, and honest persons under unusual conditions, to whole verifications, some ten seconds of one core
        each; results are kept, for this program in the cache or for its sources in FOLDER, which must be what this
        program was built of, so that a stopped run goes on where it was, and --stored tells what was played so far;
        --shard 1/2 and 2/2 share the seeds; NAME is one of
        \(wrapped(Arm.all.map(\.name))),
        or, under illuminators too weak to be read, \(Arm.unlit[0].name) and so on, and \(Arm.unlit.last?.name ?? "")
    light-curve [--json] [--seeds \(reportSeeds.lowerBound)-\(reportSeeds.lowerBound + 19)] [--shard K/N] [--trials FOLDER] [--picture OUT.svg]
        tell how bright the illuminators must be beside the room's light before the light challenge decides
    film [--seed 1000] [--species NAME] OUT.mjpeg
        write what the camera sees of one such verification
    portrait [--seed 1000] OUT.jpg
        write the ID portrait that the simulated person of that seed carries
    stand-in [--seed 0] [--scenario FILE.conf] [--left LEVEL=FILE] [--right LEVEL=FILE] [--front LEVEL=FILE]
        be the person before a camera that another program plays: the answers of `portraitctl --json verify` come
        in on standard input, an empty line before each verification; each frame goes out on standard output as
        its size in four bytes, the lowest first, and a JPEG; an illuminator is lit while its FILE holds LEVEL, 0 or 1
    bench [--json] [--seconds 20] [--seed 1000]
        measure times, allocations, latency, start-up, memory and sizes, with portraitd beside this program
    bench [--json] --peers [--seconds 20] [--seed 1000]
        measure a frame beside other programs
    bench [--json] --evidence
        measure what a receipt costs, and how fast a log is checked beside libsodium alone
    bench [--json] --crashes 200
        kill a writer of receipts, and the daemon under hostile load, so often at random moments, and count what is lost
    bench [--json] --hostile [--seconds 20] [--rounds 6] [--seed 1000]
        measure portraitd's latency, lost frames and memory, quiet and with hostile clients, and compare
    attacks --clips FOLDER --labels FILE [--json] [--frame-rate NUMBER]
        judge recorded clips by the passive cues, without a challenge; FILE is a list of
        {"file", "label": "live" or "attack", "species"}
    misbehave KIND SOCKET
        misbehave at a socket until standard input ends; KIND is one of
        \(Misbehaviour.allCases.map(\.rawValue).joined(separator: ", "))

    --pack FOLDER   the models; $PORTRAITD_PACK or ~/.cache/portraitd/pack when left out
    """

/// What stops a command: a sentence for the reader and the program's exit status.
struct LabFault: Error {
    let problem: String
    var status: CInt = 65

    static func usage(_ problem: String) -> LabFault {
        LabFault(problem: "\(problem); see portraitlab --help", status: 64)
    }
}

func run(_ words: [String]) throws {
    guard let command = words.first else { throw LabFault.usage("a command is missing") }
    let rest = Array(words.dropFirst())
    switch command {
    case "analyse": try analyse(rest)
    case "simulate": try simulate(rest)
    case "pairs": try pairs(rest)
    case "portrait": try writePortrait(rest)
    case "film": try writeFilm(rest)
    case "attacks" where rest.contains("--clips"): try attackClips(rest)
    case "attacks": try measureAttacks(rest)
    case "light-curve": try measureLightCurve(rest)
    case "stand-in": try standIn(rest)
    case "bench": try bench(rest)
    // What `bench --crashes` kills.
    case "write-receipts": try writeReceipts(rest)
    case "misbehave": try misbehave(rest)
    case "-h", "--help": print(usage)
    default: throw LabFault.usage("\(command) is no command")
    }
}

do {
    try run(Array(CommandLine.arguments.dropFirst()))
} catch let fault as LabFault {
    Console.writeError("portraitlab: \(fault.problem)\n")
    exit(fault.status)
} catch {
    Console.writeError("portraitlab: \(error)\n")
    exit(65)
}
