import Interface
import Platform
import Varlink

/// Why a call brought no result.
enum CallFault: Error {
    case client(ClientFault)
    /// An error of the interface, with its parameters.
    case refused(String, [UInt8])
    case senseless(method: String)
}

extension CallFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .client(let fault): "\(fault.description) \(Self.remedy(for: fault))"
        case .refused(let error, let parameters):
            plain("\(Self.name(of: error)): \(Self.text(of: parameters))")
        case .senseless(let method):
            "The answer to \(method) makes no sense. Compare the versions: portraitctl info."
        }
    }

    private static func remedy(for fault: ClientFault) -> String {
        switch fault {
        case .noService: "Start portraitd, or name its socket with --counter or --service."
        case .permissionDenied: "Run as a member of the socket's group."
        case .closed, .timedOut:
            "See systemctl status portraitd, and "
                + "portraitd --check-configuration --board /etc/portraitd/board.conf."
        case .wire, .system: "See the journal of portraitd."
        }
    }

    private static func name(of error: String) -> String { String(error.split(separator: ".").last ?? "") }

    private static func text(of parameters: [UInt8]) -> String {
        let known = try? WireCoding.decode(WireError.Parameters.self, from: parameters)
        return known.map { "\($0.problem) \($0.remedy)" } ?? String(decoding: parameters, as: UTF8.self)
    }

    var status: ExitStatus {
        switch self {
        case .client(.noService), .client(.permissionDenied), .client(.closed), .client(.timedOut): .unavailable
        case .client(.wire), .client(.system), .senseless: .protocolFault
        case .refused(let error, _):
            switch Self.name(of: error) {
            case "Busy": .cancelled
            case "ReferenceUnusable", "ConsentMissing", "InvalidParameter", "TransactionVerified", "NonceUsed":
                .refusedInput
            case "CameraUnavailable", "LightsUnavailable", "NotReady", "RateLimited", "NotPossible", "LogUnreadable":
                .unavailable
            default: .protocolFault
            }
        }
    }
}

/// Says why a call brought no result.
func tell(_ fault: CallFault) -> ExitStatus {
    printError(fault.description)
    return fault.status
}

/// What a method without parameters is sent.
struct NoInput: Encodable {}

func connect(to path: String) throws(CallFault) -> VarlinkClient {
    do throws(ClientFault) { return try VarlinkClient(connecting: path) } catch { throw .client(error) }
}

extension VarlinkClient {
    mutating func begin(_ method: String, _ input: some Encodable, more: Bool) throws(CallFault) {
        let parameters = String(decoding: WireCoding.encode(input), as: UTF8.self)
        do throws(ClientFault) {
            try send(method, parameters, more: more, within: .seconds(5))
        } catch { throw .client(error) }
    }

    /// The next answer that is no error.
    mutating func next(within timeout: Duration) throws(CallFault) -> Reply {
        let reply: Reply
        do throws(ClientFault) { reply = try receive(within: timeout) } catch { throw .client(error) }
        if let error = reply.error { throw .refused(error, reply.parameters) }
        return reply
    }

    /// Calls a method and hands over every answer, as a value and as it came.
    mutating func forEachReply<Output: Codable>(
        _ method: String, _ input: some Encodable = NoInput(), more: Bool = false, within timeout: Duration,
        _ body: (Output, [UInt8]) throws(CallFault) -> Void
    ) throws(CallFault) {
        try begin(method, input, more: more)
        while true {
            let reply = try next(within: timeout)
            guard let output = try? WireCoding.decode(Output.self, from: reply.parameters) else {
                throw .senseless(method: method)
            }
            try body(output, reply.parameters)
            if !reply.continues { return }
        }
    }

    /// The one answer of a call.
    mutating func answer<Output: Codable>(
        _ method: String, _ input: some Encodable = NoInput(), within timeout: Duration
    ) throws(CallFault) -> Output {
        var answer: Output?
        try forEachReply(method, input, within: timeout) { (output: Output, _) in answer = output }
        guard let answer else { throw .senseless(method: method) }
        return answer
    }
}

/// How long the daemon may take for what it knows, and for what it does.
enum Patience {
    static let question = Duration.seconds(5)
    /// An examination reads the log for half of it.
    static let work = Duration.seconds(60)
}

/// Calls a method on the technicians' socket and hands over every answer, as a value and as it came.
func forEachReply<Output: Codable>(
    _ arguments: Arguments, _ method: String, _ input: some Encodable = NoInput(), more: Bool = false,
    _ body: (Output, [UInt8]) -> Void
) throws(CallFault) {
    var client = try connect(to: arguments.service)
    try client.forEachReply(method, input, more: more, within: Patience.work, body)
}

/// The one answer of a call on the technicians' socket.
func answer<Output: Codable>(
    _ arguments: Arguments, _ method: String, _ input: some Encodable = NoInput()
) throws(CallFault) -> Output {
    var client = try connect(to: arguments.service)
    return try client.answer(method, input, within: Patience.work)
}

/// Runs `body` while the connection of a call is open that the daemon has begun to answer.
func holding<Result>(
    _ arguments: Arguments, _ method: String, _ input: some Encodable, _ body: () throws(CallFault) -> Result
) throws(CallFault) -> Result {
    var client = try connect(to: arguments.service)
    try client.begin(method, input, more: true)
    _ = try client.next(within: Patience.question)
    defer { withExtendedLifetime(client) {} }
    return try body()
}

/// Runs `body` in maintenance, which goes on behind it only when it was on before.
func inMaintenance<Result>(
    _ arguments: Arguments, _ body: () throws(CallFault) -> Result
) throws(CallFault) -> Result {
    let method = "\(InterfaceTexts.service).SetMaintenance"
    let status: Device.StatusOutput = try answer(arguments, "\(InterfaceTexts.device).GetStatus")
    if status.status.maintenanceMilliseconds != nil { return try body() }
    // However this process ends, so does the maintenance.
    return try holding(arguments, method, Technician.MaintenanceInput(isOn: true), body)
}
