import Evidence
import Foundation
import Ports
import Testing

/// Where the reading of a log begins and ends.
@Suite struct LogReaderTests {
    @Test func `a log begins with the camera that was pinned before it`() throws {
        let outlet = try Outlet()
        let camera = CameraIdentity(vendor: "1a2b", product: "0042", serial: "A7")
        try outlet.state().pin(camera)
        try outlet.commission()
        try outlet.record(1)
        let text = try String(contentsOfFile: outlet.segments[0], encoding: .utf8)
        let first = Array(text.prefix { $0 != "\n" }.utf8)
        var reader = JSONWebSignatureReader()
        _ = reader.readUnchecked(first.span)
        let claims = try #require(Statement<CheckpointClaims>(json: reader.claims)?.content)
        #expect(claims.reason == .commissioned && claims.camera == camera)
        #expect(try outlet.audit().recordCount == 2)
    }

    @Test func `a folder or file without any record is no log`() throws {
        let outlet = try Outlet()
        try FileManager.default.createDirectory(atPath: outlet.folder(), withIntermediateDirectories: false)
        let file = "\(outlet.path)/empty"
        try Data().write(to: URL(filePath: file))
        for path in [outlet.folder(), file] {
            #expect(throws: AuditFailure.unreadable(.noLog(path: path))) {
                try auditLog(at: path, keyName: nil, anchor: nil)
            }
        }
    }

    @Test func `an audit that is stopped tells how far it came`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(3)
        var asked = 0
        #expect(throws: AuditFailure.stopped(recordCount: 2)) {
            try auditLog(at: outlet.folder(), keyName: nil, anchor: nil) {
                asked += 1
                return asked > 2
            }
        }
    }
}
