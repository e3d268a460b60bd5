import Glibc
import Platform

let usage = """
    usage: portraitctl [OPTION]... COMMAND

    verify --portrait FILE   run one verification with the person at the counter and show it live
    status                   tell how the device is
    health                   tell in a line whether it does well; the exit status says so, too
    watch                    show state and frames as they change, until it is interrupted
    privacy                  tell what the device holds right now, where, and until when
    identity                 tell the device's name, key, program and models
    info                     tell who serves the socket, and its interfaces
    receipts list            list the log of receipts
    receipts export          print the log as it is, one signed record a line
    receipts verify          check the log and name the first bad record

    maintenance on|off       refuse counters for ten minutes, so that a technician can work; end that
    cameras                  list the cameras with what they are and offer
    cameras pin              take the present camera on, in maintenance: any other is refused from then on
    lights                   light each lamp for a second, in maintenance
    lights calibrate         measure the illuminators on your face, from where customers stand, in maintenance
    aim                      draw where the camera looks, every face flat, in maintenance and on a terminal only
    doctor                   examine everything, with the camera on for some seconds; in maintenance, begun if need be
    report FILE              the same and more in one new file that can be sent: no face, person or key is in it

    commission               make a device of it: camera, lamps, light, key; what is done already is passed over

    --counter SOCKET         the counter's socket; /run/portraitd/counter.sock when left out
    --service SOCKET         the technicians' socket; /run/portraitd/service.sock when left out
    --json                   print the answers as JSON, one object a line; of receipts list, the claims
    --log PATH               read an exported file or a log's folder, without the daemon, on any machine
    --key NAME               the key that the log must begin with, by its thumbprint
    --head SEQUENCE:HASH     a record that must be in the log: the last that the backend knows

    --output FILE            where commission writes what the backend must know, in place of standard output

    with daemon and sockets stopped, as root, where commission gives name and key only:
    systemctl stop portraitd-counter.socket portraitd-service.socket portraitd.service
    rotate-key               change the key; the old one signs the change
    decommission             destroy name and key
    --state FOLDER           where they are; /var/lib/portraitd when left out

    exit status of verify: 0 verified, 3 notMatched, 4 undetermined, 5 refer, 6 attackSuspected,
    7 cancelled or busy; of receipts: 1 not good; of health: 0 good, 1 degraded, 2 bad;
    of doctor: 0 all well, 1 a warning, 2 a failure; of commission: 2 a step failed;
    of all: 64 usage, 65 refused input, 69 no daemon or device not ready, 70 protocol fault,
    74 the output could not be written
    """

/// How the program ends, after sysexits.h where there is no better rule.
enum ExitStatus: CInt {
    case success = 0
    /// A log that is not good; a device that is degraded.
    case notGood = 1
    case bad = 2
    case notMatched = 3
    case undetermined = 4
    case refer = 5
    case attackSuspected = 6
    case cancelled = 7
    case usage = 64
    case refusedInput = 65
    case unavailable = 69
    case protocolFault = 70
    case outputLost = 74
}

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
        case .health: return showHealth(arguments)
        case .watch: return watch(arguments)
        case .maintenance(let isOn): return setMaintenance(isOn, arguments)
        case .cameras: return listCameras(arguments)
        case .pinCamera: return pinCamera(arguments)
        case .lights: return testLights(arguments)
        case .calibrateLights: return calibrateLights(arguments)
        case .aim: return aim(arguments)
        case .doctor: return doctor(arguments)
        case .report(let path): return writeReport(to: path, arguments)
        case .info: return showInfo(arguments)
        case .identity: return showIdentity(arguments)
        case .privacy: return showHoldings(arguments)
        case .receipts(let command): return receipts(command, arguments)
        case .commission: return commission(arguments)
        case .rotateKey: return rotateKey(arguments)
        case .decommission: return decommission(arguments)
        }
    } catch {
        printError("portraitctl: \(error.problem); see portraitctl --help")
        return .usage
    }
}

/// Runs the command; one that did well has not where its output was lost, as on a full disk.
func runAndFlush() -> ExitStatus {
    let status = run()
    if Console.flush() { return status }
    printError("The output could not be written as a whole. Make room where it goes, and run it again.")
    return status == .success ? .outputLost : status
}

exit(runAndFlush().rawValue)
