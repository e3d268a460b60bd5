import Evidence
import Foundation
import Platform
import Testing

/// A log goes on with its own key, or with the one that this announced, and with no other.
@Suite struct LogKeyTests {
    @Test func `a device that is commissioned anew begins a log, and keeps the earlier ones`() throws {
        let outlet = try Outlet()
        for count in 1...3 {
            try outlet.commission()
            try outlet.record(count)
            #expect(try outlet.audit().receiptCount == count)
            try outlet.state().decommission()
        }
        for count in 1...2 {
            let earlier = try auditLog(at: "\(outlet.path)/log.\(count)", keyName: nil, anchor: nil)
            #expect(earlier.receiptCount == count)
        }
        let keeper = try EvidenceKeeper(
            .init(path: outlet.path, credential: nil, limits: outlet.limits, clock: outlet.clock))
        let earlier = try keeper.earlierLogs()
        #expect(earlier.map(\.path) == [1, 2].map { "\(outlet.path)/log.\($0)" })
        #expect(earlier.allSatisfy { $0.byteCount > 1000 })
    }

    @Test func `a log is not gone on with by another key, but still by its own`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(1)
        let other = "\(outlet.path)/other"
        try KeyFile.write(SigningKey(), to: other)
        #expect(throws: EvidenceFault.otherKey(path: outlet.folder())) {
            _ = try outlet.state().openLog(.device, credential: other, limits: outlet.limits, clock: outlet.clock)
        }
        try outlet.record(1)
        let summary = try outlet.audit()
        #expect(summary.recordCount == 3 && summary.receiptCount == 2)
    }

    @Test func `a key that comes as a credential is not looked for in the state folder`() throws {
        let outlet = try Outlet()
        let credential = "\(outlet.path)/credential"
        try KeyFile.write(SigningKey(), to: credential)
        _ = try outlet.state().commission(credential: credential)
        let missing = EvidenceFault.keyMissing(path: "\(outlet.path)/device.key")
        #expect(throws: missing) { _ = try outlet.state().rotateKey(clock: outlet.clock) }
        #expect(throws: missing) { _ = try outlet.openLog() }
    }

    @Test func `a last record that is no record is closed with the device's key`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(1)
        try outlet.append("damaged\n")
        try outlet.record(1)
    }

    @Test func `a decommissioned device can be gone on with by an older version`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(1)
        let tries = "\(outlet.path)/tries"
        try Data("{}".utf8).write(to: URL(filePath: tries))
        try outlet.state().decommission()
        let names = try FileManager.default.contentsOfDirectory(atPath: outlet.path).sorted()
        #expect(names == ["lock", "log"])
    }
}
