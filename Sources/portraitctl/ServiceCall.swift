import Interface
import Platform
import Varlink

/// Why a call on the technicians' socket brought no result.
enum CallFault: Error {
    case client(ClientFault)
    /// An error of the interface, with its parameters.
    case refused(String, [UInt8])
    case senseless(method: String)
}

func report(_ fault: CallFault) -> ExitStatus {
    switch fault {
    case .client(let fault): return report(fault)
    case .refused(let error, let parameters): return report(error, parameters)
    case .senseless(let method):
        printError("The answer to \(method) makes no sense. Compare the versions: portraitctl info.")
        return .protocolFault
    }
}

/// What a method without parameters is sent.
struct NoInput: Encodable {}

/// Calls a method on the technicians' socket and hands over every answer, as a value and as it came.
func forEachReply<Output: Codable>(
    _ arguments: Arguments, _ method: String, _ input: some Encodable = NoInput(), more: Bool = false,
    _ body: (Output, [UInt8]) -> Void
) throws(CallFault) {
    let parameters = String(decoding: WireCoding.encode(input), as: UTF8.self)
    var client = try connect(to: arguments.service)
    do throws(ClientFault) {
        try client.send(method, parameters, more: more, within: .seconds(5))
    } catch { throw .client(error) }
    while true {
        let reply: Reply
        // An examination reads the whole log.
        do throws(ClientFault) { reply = try client.receive(within: .seconds(60)) } catch { throw .client(error) }
        if let error = reply.error { throw .refused(error, reply.parameters) }
        guard let output = try? WireCoding.decode(Output.self, from: reply.parameters) else {
            throw .senseless(method: method)
        }
        body(output, reply.parameters)
        if !reply.continues { return }
    }
}

func connect(to path: String) throws(CallFault) -> VarlinkClient {
    do throws(ClientFault) { return try VarlinkClient(connecting: path) } catch { throw .client(error) }
}

/// The one answer of a call on the technicians' socket.
func answer<Output: Codable>(
    _ arguments: Arguments, _ method: String, _ input: some Encodable = NoInput()
) throws(CallFault) -> Output {
    var answer: Output?
    try forEachReply(arguments, method, input) { (output: Output, _) in answer = output }
    guard let answer else { throw .senseless(method: method) }
    return answer
}

/// Runs `body` while the connection of a call is open that the daemon has begun to answer.
func holding<Result>(
    _ arguments: Arguments, _ method: String, _ input: some Encodable, _ body: () throws(CallFault) -> Result
) throws(CallFault) -> Result {
    var client = try connect(to: arguments.service)
    let reply: Reply
    do throws(ClientFault) {
        try client.send(
            method, String(decoding: WireCoding.encode(input), as: UTF8.self), more: true, within: .seconds(5))
        reply = try client.receive(within: .seconds(5))
    } catch { throw .client(error) }
    if let error = reply.error { throw .refused(error, reply.parameters) }
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
    return try holding(arguments, method, Technician.MaintenanceInput(isOn: true)) { () throws(CallFault) in
        func end() throws(CallFault) {
            let off = Technician.MaintenanceInput(isOn: false)
            let _: Technician.MaintenanceOutput = try answer(arguments, method, off)
        }
        do throws(CallFault) {
            let result = try body()
            try end()
            return result
        } catch {
            try? end()
            throw error
        }
    }
}
