import Evidence
import Interface
import Platform
import Ports
import Varlink

/// Lists, exports or checks the log: of the daemon, or with `--log` of a folder or file, on any machine.
func receipts(_ command: Arguments.ReceiptsCommand, _ arguments: Arguments) -> ExitStatus {
    do throws(ReceiptsFault) {
        let anchor = try arguments.head.map(parseHead)
        switch command {
        case .list: try forEachRecord(arguments) { line throws(ReceiptsFault) in list(line) }
        case .export: try forEachRecord(arguments) { line throws(ReceiptsFault) in print(text(line)) }
        case .verify: try check(arguments, anchor)
        }
        return .success
    } catch {
        return report(error)
    }
}

private enum ReceiptsFault: Error {
    case usage(String)
    case client(ClientFault)
    case refused(String, [UInt8])
    case evidence(EvidenceFault)
    case defect(LogAudit.Defect)
}

private func report(_ fault: ReceiptsFault) -> ExitStatus {
    switch fault {
    case .usage(let problem):
        printError("portraitctl: \(problem)")
        return .usage
    case .client(let fault): return report(fault)
    case .refused(let error, let parameters): return report(error, parameters)
    case .evidence(let fault):
        printError(fault.description)
        return .refusedInput
    case .defect(let defect):
        print("The log is NOT good. \(defect)")
        return .notGood
    }
}

private func parseHead(_ text: String) throws(ReceiptsFault) -> Head {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let sequence = Int(parts[0]), sequence > 0 else {
        throw .usage("--head needs SEQUENCE:HASH, such as 41:Zm9v…")
    }
    return Head(sequence: sequence, hash: String(parts[1]))
}

/// Hands over every record, the oldest first, and returns the bytes of a record that is not whole.
@discardableResult
private func forEachRecord(
    _ arguments: Arguments, _ body: (Span<UInt8>) throws(ReceiptsFault) -> Void
) throws(ReceiptsFault) -> Int {
    guard let path = arguments.log else {
        try forEachRecordOfDaemon(arguments, body)
        return 0
    }
    var reader: LogReader
    do throws(EvidenceFault) { reader = try LogReader(path: path) } catch { throw .evidence(error) }
    return try reader.forEachLine(body) { .evidence($0) }
}

private func forEachRecordOfDaemon(
    _ arguments: Arguments, _ body: (Span<UInt8>) throws(ReceiptsFault) -> Void
) throws(ReceiptsFault) {
    var client: VarlinkClient
    do throws(ClientFault) { client = try VarlinkClient(connecting: arguments.service) } catch { throw .client(error) }
    var cursor: String?
    repeat {
        let input = String(decoding: WireCoding.encode(ServiceLog.ReadLogInput(cursor: cursor)), as: UTF8.self)
        let reply: Reply
        do throws(ClientFault) {
            try client.send("\(InterfaceTexts.service).ReadLog", input, within: .seconds(5))
            reply = try client.receive(within: .seconds(10))
        } catch { throw .client(error) }
        if let error = reply.error { throw .refused(error, reply.parameters) }
        guard let page = try? WireCoding.decode(ServiceLog.ReadLogOutput.self, from: reply.parameters) else {
            throw .refused("io.portraitd.Service.ReadLog", reply.parameters)
        }
        for record in page.records {
            let bytes = Array(record.utf8)
            try body(bytes.span)
        }
        cursor = page.cursor
    } while cursor != nil
}

/// How many records of the daemon's log are of which kind: verdicts, and what the log says about itself.
func countRecords(_ arguments: Arguments) throws(CallFault) -> [String: Int] {
    var counts: [String: Int] = [:]
    do throws(ReceiptsFault) {
        try forEachRecordOfDaemon(arguments) { line throws(ReceiptsFault) in
            var reader = JSONWebSignatureReader()
            _ = reader.readUnchecked(line)
            let word =
                Statement<ReceiptClaims>(json: reader.claims)?.content.verdict
                ?? Statement<CheckpointClaims>(json: reader.claims)?.content.reason.rawValue ?? "unknown"
            counts[word, default: 0] += 1
        }
    } catch {
        switch error {
        case .client(let fault): throw .client(fault)
        case .refused(let name, let parameters): throw .refused(name, parameters)
        case .usage, .evidence, .defect: throw .senseless(method: "ReadLog")
        }
    }
    return counts
}

private func text(_ line: Span<UInt8>) -> String {
    unsafe line.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
}

private func list(_ line: Span<UInt8>) {
    var reader = JSONWebSignatureReader()
    guard reader.readUnchecked(line) else { return print("?  not a record") }
    if let receipt = Statement<ReceiptClaims>(json: reader.claims) {
        let reasons = receipt.content.reasons.isEmpty ? "" : " (\(receipt.content.reasons.joined(separator: ", ")))"
        print(
            "\(receipt.link.sequence)  \(receipt.link.issuedAt)  \(receipt.content.verdict)\(reasons)  "
                + "\(receipt.content.source.rawValue)  \(receipt.content.transaction)")
    } else if let checkpoint = Statement<CheckpointClaims>(json: reader.claims) {
        print("\(checkpoint.link.sequence)  \(checkpoint.link.issuedAt)  — \(checkpoint.content.reason.rawValue)")
    } else {
        print("?  not a record")
    }
}

private func check(_ arguments: Arguments, _ anchor: Head?) throws(ReceiptsFault) {
    var audit = LogAudit(keyName: arguments.key, anchor: anchor)
    let torn = try forEachRecord(arguments) { line throws(ReceiptsFault) in
        do throws(LogAudit.Defect) { try audit.read(line) } catch { throw .defect(error) }
    }
    audit.noteTorn(byteCount: torn)
    let summary: LogAudit.Summary
    do throws(LogAudit.Defect) { summary = try audit.finish() } catch { throw .defect(error) }
    let head = summary.head ?? Head(sequence: 0, hash: "")
    print("The log is good: records \(summary.first) to \(head.sequence), of which \(summary.receiptCount) receipts.")
    print("device: \(summary.device)")
    print("key: \(summary.keyName)" + (arguments.key == nil ? " — not compared; give --key to pin it" : ""))
    print(
        "head: \(head.sequence):\(head.hash)" + (anchor == nil ? " — end not anchored; give --head to anchor it" : ""))
    if summary.tornByteCount > 0 {
        print("\(summary.tornByteCount) bytes of a half-written record; the device closes it at its next start.")
    }
    if summary.isRehearsal { print("A rehearsal: signed with keys that are thrown away. It proves nothing.") }
}
