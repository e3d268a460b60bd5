import Evidence
import Foundation
import Platform
import Ports
import Testing

@Suite struct RehearsalTests {
    @Test func `a rehearsal is signed with a key that is thrown away`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        let device = try outlet.openLog().publicKey
        try outlet.record(1, in: .rehearsal)
        let name = try outlet.audit(.rehearsal).keyName
        try outlet.record(2, in: .rehearsal)
        let summary = try outlet.audit(.rehearsal)
        #expect(summary.isRehearsal && summary.recordCount == 5 && summary.receiptCount == 3)
        #expect(name != JSONWebKey(device).kid)
        let records = try outlet.record(1, in: .rehearsal)
        var reader = JSONWebSignatureReader()
        reader.trust(device)
        let text = Array(records[0].text.utf8)
        let signed = reader.read(text.span)
        #expect(signed == nil)
    }

    @Test func `only a camera's receipts go into the device's book`() {
        #expect(CaptureSource.allCases.filter { Book(for: $0) == .device } == [.camera])
    }
}
