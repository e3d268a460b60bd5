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
        case .list: try forEachRecord(arguments) { line throws(ReceiptsFault) in list(line, arguments) }
        case .export: try forEachRecord(arguments) { line throws(ReceiptsFault) in print(text(line)) }
        case .verify: try check(arguments, anchor)
        }
        return .success
    } catch {
        return tell(error, arguments)
    }
}

private enum ReceiptsFault: Error {
    case usage(String)
    case call(CallFault)
    case evidence(EvidenceFault)
    case defect(LogAudit.Defect)
    /// An exported file ends within a record.
    case cut(byteCount: Int)
}

private func tell(_ fault: ReceiptsFault, _ arguments: Arguments) -> ExitStatus {
    switch fault {
    case .usage(let problem):
        printError("portraitctl: \(problem)")
        return .usage
    case .call(let fault): return tell(fault)
    case .evidence(let fault):
        printError(fault.description)
        return .refusedInput
    case .defect(let defect): return tellBad("\(defect)", arguments)
    case .cut(let byteCount):
        return tellBad("The file is cut off: \(byteCount) bytes of a record are left. Export it again.", arguments)
    }
}

/// Where the output is the log itself, the judgement does not go into it.
private func tellBad(_ problem: String, _ arguments: Arguments) -> ExitStatus {
    let text = "The log is NOT good. \(problem)"
    if arguments.command == .receipts(.verify) {
        printLine(arguments.isJSON ? json(BadLog(problem: problem)) : text)
    } else {
        printError(text)
    }
    return .notGood
}

private func parseHead(_ text: String) throws(ReceiptsFault) -> Head {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let sequence = Int(parts[0]), sequence > 0 else {
        throw .usage("--head needs SEQUENCE:HASH, such as 41:Zm9v…")
    }
    return Head(sequence: sequence, hash: String(parts[1]))
}

/// Hands over every record, the oldest first, and returns the bytes of one that the device is just writing.
@discardableResult
private func forEachRecord(
    _ arguments: Arguments, _ body: (Span<UInt8>) throws(ReceiptsFault) -> Void
) throws(ReceiptsFault) -> Int {
    guard let path = arguments.log else {
        try forEachRecordOfDaemon(arguments, body) { .call($0) }
        return 0
    }
    var reader: LogReader
    do throws(EvidenceFault) { reader = try LogReader(path: path) } catch { throw .evidence(error) }
    let torn = try reader.forEachLine(body) { .evidence($0) }
    guard torn == 0 || reader.isFolder else { throw .cut(byteCount: torn) }
    return torn
}

private func forEachRecordOfDaemon<Failure: Error>(
    _ arguments: Arguments, _ body: (Span<UInt8>) throws(Failure) -> Void, failing: (CallFault) -> Failure
) throws(Failure) {
    var client: VarlinkClient
    do throws(CallFault) { client = try connect(to: arguments.service) } catch { throw failing(error) }
    var cursor: String?
    repeat {
        let page: Technician.ReadLogOutput
        do throws(CallFault) {
            page = try client.answer(
                "\(InterfaceTexts.service).ReadLog", Technician.ReadLogInput(cursor: cursor), within: Patience.work)
        } catch { throw failing(error) }
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
    try forEachRecordOfDaemon(arguments) { line throws(CallFault) in
        var reader = JSONWebSignatureReader()
        _ = reader.readUnchecked(line)
        let word =
            Statement<ReceiptClaims>(json: reader.claims)?.content.verdict
            ?? Statement<CheckpointClaims>(json: reader.claims)?.content.reason.rawValue ?? "unknown"
        counts[word, default: 0] += 1
    } failing: {
        $0
    }
    return counts
}

private func text(_ line: Span<UInt8>) -> String {
    unsafe line.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
}

private func json(_ value: some Encodable) -> String { String(decoding: WireCoding.encode(value), as: UTF8.self) }

private func list(_ line: Span<UInt8>, _ arguments: Arguments) {
    var reader = JSONWebSignatureReader()
    let claims = reader.readUnchecked(line) ? reader.claims : []
    if let receipt = Statement<ReceiptClaims>(json: claims) {
        printLine(arguments.isJSON ? json(receipt) : describe(receipt))
    } else if let checkpoint = Statement<CheckpointClaims>(json: claims) {
        printLine(arguments.isJSON ? json(checkpoint) : describe(checkpoint))
    } else {
        print(arguments.isJSON ? #"{"problem":"not a record"}"# : "?  not a record")
    }
}

private func describe(_ receipt: Statement<ReceiptClaims>) -> String {
    let (link, content) = (receipt.link, receipt.content)
    let reasons = content.reasons.isEmpty ? "" : " (\(content.reasons.joined(separator: ", ")))"
    return "\(link.sequence)  \(link.issuedAt)  \(content.verdict)\(reasons)  \(content.source.rawValue)  "
        + content.transaction
}

private func describe(_ checkpoint: Statement<CheckpointClaims>) -> String {
    "\(checkpoint.link.sequence)  \(checkpoint.link.issuedAt)  — \(checkpoint.content.reason.rawValue)"
}

// MARK: Check

private struct GoodLog: Encodable {
    let isGood = true
    let device: String
    let key: String
    let isKeyCompared: Bool
    let firstSequence: Int
    let head: Head
    let isAnchored: Bool
    let receiptCount: Int
    let tornByteCount: Int
    let isRehearsal: Bool
}

private struct BadLog: Encodable {
    let isGood = false
    let problem: String
}

private func check(_ arguments: Arguments, _ anchor: Head?) throws(ReceiptsFault) {
    var audit = LogAudit(keyName: arguments.key, anchor: anchor)
    let torn = try forEachRecord(arguments) { line throws(ReceiptsFault) in
        do throws(LogAudit.Defect) { try audit.read(line) } catch { throw .defect(error) }
    }
    audit.noteTorn(byteCount: torn)
    let summary: LogAudit.Summary
    do throws(LogAudit.Defect) { summary = try audit.finish() } catch { throw .defect(error) }
    let log = GoodLog(
        device: summary.device, key: summary.keyName, isKeyCompared: arguments.key != nil,
        firstSequence: summary.first, head: summary.head ?? Head(sequence: 0, hash: ""),
        isAnchored: summary.isAnchored, receiptCount: summary.receiptCount, tornByteCount: summary.tornByteCount,
        isRehearsal: summary.isRehearsal)
    for line in arguments.isJSON ? [json(log)] : describe(log) { printLine(line) }
}

private func describe(_ log: GoodLog) -> [String] {
    let (key, end) = (
        log.isKeyCompared ? "" : " — not compared; give --key to pin it",
        log.isAnchored ? "" : " — end not anchored; give --head to anchor it"
    )
    var lines = [
        "The log is good: records \(log.firstSequence) to \(log.head.sequence), of which \(log.receiptCount) receipts.",
        "device: \(log.device)", "key: \(log.key)\(key)", "head: \(log.head.sequence):\(log.head.hash)\(end)",
    ]
    if log.tornByteCount > 0 {
        lines.append("\(log.tornByteCount) bytes of a half-written record; the device closes it at its next start.")
    }
    if log.isRehearsal { lines.append("A rehearsal: signed with keys that are thrown away. It proves nothing.") }
    return lines
}
