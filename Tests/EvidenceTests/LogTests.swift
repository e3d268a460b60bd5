import Evidence
import Foundation
import Platform
import Ports
import Testing

@Suite struct LogTests {
    private func defect(_ body: () throws(AuditFailure) -> LogAudit.Summary) -> LogAudit.Defect? {
        do throws(AuditFailure) {
            _ = try body()
            return nil
        } catch {
            if case .defective(let defect) = error { return defect }
            return nil
        }
    }

    @Test func `what was recorded stands in the log, chained and signed`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        let records = try outlet.record(3)
        let summary = try outlet.audit()
        #expect(summary.recordCount == 4 && summary.receiptCount == 3 && summary.first == 1)
        #expect(summary.head == records.last?.head && summary.head?.sequence == 4)
        #expect(!summary.isRehearsal && summary.tornByteCount == 0)
    }

    @Test func `a restart goes on where the log ended`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(2)
        let next = try outlet.record(1)
        #expect(next[0].head.sequence == 4)
        #expect(try outlet.audit().recordCount == 4)
    }

    @Test func `a receipt says what was claimed and where it stands`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        var log = try outlet.openLog()
        let key = log.publicKey
        let first = try log.append(.sample("sale-1"))
        let record = try log.append(.sample("sale-2"))
        var reader = JSONWebSignatureReader()
        reader.trust(key)
        let text = Array(record.text.utf8)
        let signed = reader.read(text.span)
        #expect(signed?.kind == .receipt && signed?.key == key)
        let statement = try #require(Statement<ReceiptClaims>(json: reader.claims))
        #expect(statement.content == .sample("sale-2"))
        #expect(statement.link.sequence == 3 && statement.link.previous == first.head.hash)
        #expect(statement.link.issuedAt == "2027-01-15T08:00:00Z")
    }

    // MARK: Tampering

    @Test(arguments: [Int.min, -1, 0, .max - 1, .max]) func `a count that somebody made up is no crash`(
        sequence: Int
    ) {
        let key = SigningKey()
        let name = JSONWebKey(key.publicKey)
        func record(_ sequence: Int, after previous: [UInt8]?) -> [UInt8] {
            let link = previous.map { #""previous":"\#(unsafe Digest(of: $0.span.bytes).base64URL)","# } ?? ""
            let claims = #"""
                {"book":"device","boot":"b","device":"d","isClockSynchronised":true,"issuedAt":"2027-01-15T08:00:00Z",\#
                "key":{"crv":"Ed25519","kid":"\#(name.kid)","kty":"OKP","x":"\#(name.x)"},\#(link)\#
                "reason":"commissioned","sequence":\#(sequence)}
                """#
            return JSONWebSignature.make(.checkpoint, claims: Array(claims.utf8), key: key, keyName: name.kid)
        }
        let first = record(sequence, after: nil)
        var audit = LogAudit()
        #expect(throws: LogAudit.Defect.self) {
            try audit.read(first.span)
            let second = record(.max, after: first)
            try audit.read(second.span)
            try audit.read(record(.max, after: second).span)
        }
    }

    @Test(arguments: 0..<4) func `a deleted record is missed`(place: Int) throws {
        let outlet = try Outlet()
        try outlet.commission()
        let last = try outlet.record(3)[2].head
        try outlet.rewrite { $0.remove(at: place) }
        let expected: LogAudit.Defect =
            switch place {
            case 0: .noBeginning
            case 3: .endsBeforeAnchor(last: 3, anchor: 4)
            case let place: .missing(records: place + 1...place + 1)
            }
        #expect(defect { () throws(AuditFailure) in try outlet.audit(anchor: last) } == expected)
    }

    @Test func `reordered records are out of order`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(3)
        try outlet.rewrite { $0.swapAt(1, 2) }
        #expect(defect { () throws(AuditFailure) in try outlet.audit() } == .missing(records: 2...2))
        try outlet.rewrite { $0[1] = $0[2] }
        try outlet.rewrite { $0[2] = $0[1] }
        #expect(defect { () throws(AuditFailure) in try outlet.audit() } == .repeated(record: 2))
    }

    @Test func `an edited record is found, whichever byte is changed`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(2)
        let text = try String(contentsOfFile: outlet.segments[0], encoding: .utf8)
        let lines = text.split(separator: "\n")
        for offset in stride(from: 0, to: lines[1].utf8.count, by: 7) {
            try outlet.rewrite { lines in
                var bytes = Array(lines[1].utf8)
                bytes[offset] = bytes[offset] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                lines[1] = Substring(String(decoding: bytes, as: UTF8.self))
            }
            #expect(defect { () throws(AuditFailure) in try outlet.audit() } == .notSigned(record: 2), "byte \(offset)")
            try text.write(toFile: outlet.segments[0], atomically: false, encoding: .utf8)
        }
    }

    @Test func `a tail signed with another key is found`() throws {
        let (outlet, forger) = (try Outlet(), try Outlet())
        try outlet.commission()
        try forger.commission()
        try outlet.record(1)
        try forger.record(4)
        let forged = try String(contentsOfFile: forger.segments[0], encoding: .utf8).split(separator: "\n")
        try outlet.rewrite { $0 += forged[2...] }
        #expect(defect { () throws(AuditFailure) in try outlet.audit() } == .notSigned(record: 3))
    }

    @Test func `a log of somebody else's key is not the device's`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(1)
        let name = try outlet.audit().keyName
        #expect(try outlet.audit(keyName: name).recordCount == 2)
        #expect(
            defect { () throws(AuditFailure) in try outlet.audit(keyName: "other") }
                == .otherKey(record: 1, name: name))
    }

    @Test func `the anchor tells another record of the same number`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(2)
        let anchor = Head(sequence: 2, hash: "other")
        #expect(defect { () throws(AuditFailure) in try outlet.audit(anchor: anchor) } == .anchorDiffers(record: 2))
    }

    // MARK: Loss of power

    @Test(arguments: [1, 40, 500]) func `a torn record is closed at the next start`(count: Int) throws {
        let outlet = try Outlet()
        try outlet.commission()
        let kept = try outlet.record(2)
        let line = kept[1].text.prefix(count)
        try outlet.append(String(line))
        #expect(try outlet.audit().tornByteCount == line.utf8.count)
        let next = try outlet.record(1)
        #expect(next[0].head.sequence == 5, "a checkpoint tells of the recovery")
        let summary = try outlet.audit(anchor: kept[1].head)
        #expect(summary.recordCount == 5 && summary.tornByteCount == 0)
    }

    @Test func `power lost before the first record was whole leaves a log that begins`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(0)
        try Data("eyJhbGciOiJ".utf8).write(to: URL(filePath: outlet.segments[0]))
        try FileManager.default.removeItem(atPath: "\(outlet.folder())/head")
        try outlet.record(1)
        #expect(try outlet.audit().recordCount == 2)
    }

    @Test func `a log that was cut while the device was off is told by the device itself`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(3)
        try outlet.rewrite { $0.removeLast(2) }
        try outlet.record(1)
        #expect(defect { () throws(AuditFailure) in try outlet.audit() } == .missing(records: 3...4))
    }

    @Test func `a head that is older than the log is caught up with`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(1)
        let old = try Data(contentsOf: URL(filePath: "\(outlet.folder())/head"))
        try outlet.record(2)
        try old.write(to: URL(filePath: "\(outlet.folder())/head"))
        try outlet.record(1)
        #expect(try outlet.audit().recordCount == 5)
    }

    @Test func `a record that cannot be written leaves the log as it was`() async {
        await #expect(processExitsWith: .success) {
            let outlet = try Outlet()
            try outlet.commission()
            var log = try outlet.openLog()
            _ = try log.append(.sample("sale-1"))
            let size = try FileManager.default.attributesOfItem(atPath: outlet.segments[0])[.size] as? Int ?? 0
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: rlim_t(size + 100), rlim_max: rlim_t.max)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            #expect(throws: EvidenceFault.self) { _ = try log.append(.sample("sale-2")) }
            limit.rlim_cur = rlim_t.max
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let next = try log.append(.sample("sale-3"))
            precondition(next.head.sequence == 3)
            let summary = try outlet.audit()
            precondition(summary.recordCount == 3 && summary.tornByteCount == 0)
        }
    }

    // MARK: Bounds

    /// As on a disk that is full: the log has room left, the head or the tries have not.
    @Test(arguments: [1, 30]) func `a record beside which nothing else can be written is taken back`(count: Int)
        throws
    {
        let outlet = try Outlet()
        outlet.limits.byteCount = 64_000
        try outlet.commission()
        var log = try outlet.openLog()
        let (head, aside) = ("\(outlet.folder())/head", "\(outlet.path)/aside")
        for number in 0..<count {
            try FileManager.default.moveItem(atPath: head, toPath: aside)
            try FileManager.default.createDirectory(atPath: head, withIntermediateDirectories: false)
            #expect(throws: EvidenceFault.self) { () throws(EvidenceFault) in try log.append(.sample("lost")) }
            try FileManager.default.removeItem(atPath: head)
            try FileManager.default.moveItem(atPath: aside, toPath: head)
            #expect(throws: EvidenceFault.self) { () throws(EvidenceFault) in
                try log.append(.sample("lost")) { () throws(Errno) in throw Errno(ENOSPC) }
            }
            #expect(try outlet.audit().receiptCount == number)
            _ = try log.append(.sample("sale"))
        }
        guard count > 1 else { return }
        // The next segment begins with a checkpoint all the same.
        try FileManager.default.removeItem(atPath: outlet.segments[0])
        #expect(try outlet.audit().first > 1)
    }

    @Test func `the log turns over within its size and begins with a checkpoint`() throws {
        let outlet = try Outlet()
        outlet.limits.byteCount = 64_000
        try outlet.commission()
        let records = try outlet.record(120)
        let sizes = try outlet.segments.map { path in
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        }
        #expect(sizes.reduce(0, +) <= 64_000 && outlet.segments.count > 4)
        let summary = try outlet.audit(anchor: records.last?.head)
        #expect(summary.first > 1 && summary.head == records.last?.head)
        let early = records[0].head
        #expect(
            defect { () throws(AuditFailure) in try outlet.audit(anchor: early) }
                == .beginsBehindAnchor(first: summary.first, anchor: early.sequence))
    }

    @Test func `records go when their time has come, and only then`() throws {
        let outlet = try Outlet()
        outlet.limits.retention = .seconds(80 * 86_400)
        try outlet.commission()
        try outlet.record(2)
        outlet.clock.advance(days: 11)
        try outlet.record(2)
        #expect(outlet.segments.count == 2, "an eighth of the retention later a new segment begins")
        outlet.clock.advance(days: 60)
        try outlet.record(1)
        #expect(try outlet.audit().first == 1)
        outlet.clock.advance(days: 20)
        try outlet.record(1)
        #expect(try outlet.audit().first == 4)
    }

    @Test(arguments: [-10, 10]) func `a clock that jumps by years changes nothing`(years: Int64) throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(2)
        outlet.clock.set(1_800_000_000 + years * 31_536_000, isSynchronised: false)
        try outlet.record(2)
        outlet.clock.set(1_800_000_000)
        try outlet.record(1)
        let summary = try outlet.audit()
        #expect(summary.recordCount == 6 && summary.first == 1 && outlet.segments.count == 1)
    }
}

extension Digest {
    fileprivate var base64URL: String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
