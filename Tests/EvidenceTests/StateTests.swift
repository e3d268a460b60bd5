import Evidence
import Foundation
import Platform
import Ports
import Testing

@Suite struct StateTests {
    @Test func `without commissioning there is no device log`() throws {
        let outlet = try Outlet()
        #expect(throws: EvidenceFault.notCommissioned) { _ = try outlet.openLog() }
        _ = try outlet.openLog(.rehearsal)
    }

    @Test func `a device is commissioned once, and keeps its key`() throws {
        let outlet = try Outlet()
        let identity = try outlet.state().commission()
        let key = try outlet.openLog().publicKey
        #expect(try outlet.state().commission() == identity)
        #expect(try outlet.openLog().publicKey == key)
        #expect(try outlet.state().identity() == identity)
    }

    @Test func `a decommissioned device has no key, but its log can be read`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(1)
        try outlet.state().decommission()
        #expect(!FileManager.default.fileExists(atPath: "\(outlet.path)/device.key"))
        #expect(throws: EvidenceFault.notCommissioned) { _ = try outlet.openLog() }
        #expect(try outlet.audit().receiptCount == 1)
    }

    @Test func `a pinned camera outlives the process, but not the decommissioning`() throws {
        let outlet = try Outlet()
        let camera = CameraIdentity(vendor: "1a2b", product: "0042", serial: "A7")
        func keeper() throws -> EvidenceKeeper {
            try EvidenceKeeper(.init(path: outlet.path, credential: nil, limits: LogLimits(), clock: outlet.clock))
        }
        #expect(try keeper().pinnedCamera == nil)
        try keeper().pin(camera)
        #expect(try keeper().pinnedCamera == camera)
        try Data("{}".utf8).write(to: URL(filePath: "\(outlet.path)/camera"))
        #expect(throws: EvidenceFault.unusable(path: "\(outlet.path)/camera", detail: "it names no camera")) {
            _ = try keeper()
        }
        try outlet.state().decommission()
        #expect(try keeper().pinnedCamera == nil)
    }

    @Test func `a record that is taken back takes what was counted back, and leaves nothing half written`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        let keeper = try EvidenceKeeper(
            .init(path: outlet.path, credential: nil, limits: LogLimits(), clock: outlet.clock))
        _ = try keeper.record(.sample("sale-1"), keeping: [1])
        // The tries can be replaced, the head cannot.
        let (head, aside) = ("\(outlet.folder())/head", "\(outlet.path)/aside")
        try FileManager.default.moveItem(atPath: head, toPath: aside)
        try FileManager.default.createDirectory(atPath: head, withIntermediateDirectories: false)
        #expect(throws: EvidenceFault.self) {
            _ = try keeper.record(.sample("sale-2"), keeping: [2], otherwise: [3])
        }
        #expect(try keeper.keptTries() == [3])
        #expect(!FileManager.default.fileExists(atPath: head + ".new"))
        try FileManager.default.removeItem(atPath: head)
        try FileManager.default.moveItem(atPath: aside, toPath: head)
        #expect(try outlet.audit().receiptCount == 1)
    }

    @Test func `a calibration of the illuminators ends with its camera`() throws {
        let outlet = try Outlet()
        let cameras = ["0042", "0043"].map { CameraIdentity(vendor: "1a2b", product: $0, serial: nil) }
        let calibration = LightCalibration(
            delayMilliseconds: 20, left: 0.2, right: 0.25, front: 0, faceWidth: 0.2,
            exposure: HeldExposure(time: 156, gain: nil))
        func keeper() throws -> EvidenceKeeper {
            try EvidenceKeeper(.init(path: outlet.path, credential: nil, limits: LogLimits(), clock: outlet.clock))
        }
        try keeper().pin(cameras[0])
        try keeper().keep(calibration)
        try keeper().pin(cameras[0])
        #expect(try keeper().lightCalibration == calibration)
        let open = try keeper()
        try open.pin(cameras[1])
        #expect(open.lightCalibration == nil)
        try open.keep(calibration)
        #expect(open.lightCalibration == calibration)
    }

    @Test(arguments: [
        "", "{}", #"{"delayMilliseconds":9000000000000000000,"left":0.2,"right":0.2,"front":0,"faceWidth":0.2}"#,
        #"{"delayMilliseconds":0,"left":1e300,"right":0.2,"front":0,"faceWidth":0.2}"#,
        #"{"delayMilliseconds":0,"left":0.2,"right":0.2,"front":0,"faceWidth":0}"#,
    ]) func `a calibration that cannot have been measured is refused`(text: String) throws {
        let outlet = try Outlet()
        let state = try outlet.state()
        try Data(text.utf8).write(to: URL(filePath: "\(outlet.path)/light"))
        #expect(throws: EvidenceFault.self) { _ = try state.lightCalibration() }
    }

    @Test func `decommissioning ends a calibration`() throws {
        let outlet = try Outlet()
        try outlet.state().keep(
            LightCalibration(delayMilliseconds: 0, left: 0.2, right: 0.2, front: 0, faceWidth: 0.2, exposure: nil))
        #expect(try outlet.state().lightCalibration() != nil)
        try outlet.state().decommission()
        #expect(try outlet.state().lightCalibration() == nil)
    }

    @Test func `what a technician did stands in the log`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        let camera = CameraIdentity(vendor: "1a2b", product: "0042", serial: nil)
        let keeper = try EvidenceKeeper(
            .init(path: outlet.path, credential: nil, limits: LogLimits(), clock: outlet.clock))
        for deed in [TechnicianDeed.beganMaintenance, .pinned(camera), .endedMaintenance] {
            try keeper.note(deed, for: .camera)
        }
        #expect(try outlet.audit().recordCount == 4)
        let text = try String(contentsOfFile: outlet.segments[0], encoding: .utf8)
        let told = text.split(separator: "\n").map { line in
            var reader = JSONWebSignatureReader()
            let bytes = Array(line.utf8)
            _ = reader.readUnchecked(bytes.span)
            return Statement<CheckpointClaims>(json: reader.claims)?.content
        }
        #expect(told.map(\.?.reason) == [.commissioned, .maintenanceBegan, .cameraPinned, .maintenanceEnded])
        #expect(told[2]?.camera == camera)
    }

    @Test func `commands beside the daemon remove no receipt that the operator keeps`() throws {
        let outlet = try Outlet()
        outlet.limits.retention = .seconds(3650 * 86_400)
        try outlet.commission()
        try outlet.record(1)
        outlet.clock.advance(days: 460)
        try outlet.record(1)
        #expect(outlet.segments.count == 2)
        outlet.clock.advance(days: 410)
        _ = try outlet.state().rotateKey(clock: outlet.clock)
        #expect(try outlet.audit().first == 1)
        // As an offline commissioning opens it, and however long it goes on.
        outlet.limits = .unlimited
        outlet.clock.advance(days: 100_000)
        try outlet.record(1)
        #expect(try outlet.audit().first == 1 && outlet.segments.count == 2)
        outlet.limits = LogLimits()
        try outlet.record(1)
        #expect(try outlet.audit().first > 1)
    }

    @Test func `a new key is announced by the old one`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(1)
        let old = try outlet.audit().keyName
        let next = try outlet.state().rotateKey(clock: outlet.clock)
        try outlet.record(2)
        #expect(try outlet.openLog().publicKey == next)
        let summary = try outlet.audit(keyName: old)
        #expect(summary.recordCount == 5 && summary.receiptCount == 3)
    }

    @Test func `a rotation that was cut short is finished or taken back`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try outlet.record(1)
        try KeyFile.write(SigningKey(), to: "\(outlet.path)/device.key.next")
        try outlet.record(1)
        #expect(!FileManager.default.fileExists(atPath: "\(outlet.path)/device.key.next"))
        let next = SigningKey()
        var log = try outlet.openLog()
        try log.announce(next)
        try KeyFile.write(next, to: "\(outlet.path)/device.key.next")
        #expect(try outlet.openLog().publicKey == next.publicKey)
        try outlet.record(1)
        #expect(try outlet.audit().receiptCount == 3)
    }

    @Test func `a rotation that met a full disk is taken back, unread`() throws {
        let outlet = try Outlet()
        let next = "\(outlet.path)/device.key.next"
        func makeEmpty(_ path: String) -> Bool {
            FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        try outlet.commission()
        for count in 1...2 {
            try outlet.record(1)
            #expect(makeEmpty(next))
            try outlet.record(1)
            #expect(!FileManager.default.fileExists(atPath: next))
            // Right behind a rotation that succeeded.
            _ = try outlet.state().rotateKey(clock: outlet.clock)
            #expect(makeEmpty(next))
            try outlet.record(1)
            #expect(try outlet.audit().receiptCount == 3 * count)
        }
    }

    @Test func `a state folder has one owner`() throws {
        let outlet = try Outlet()
        let state = try outlet.state()
        #expect(throws: EvidenceFault.inUse(path: outlet.path)) { _ = try outlet.state() }
        _ = consume state
        _ = try outlet.state()
    }

    @Test func `a folder that is open to others is refused`() throws {
        let outlet = try Outlet()
        try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: outlet.path)
        #expect(throws: EvidenceFault.exposed(path: outlet.path)) { _ = try outlet.state() }
    }

    @Test func `a key that others can read is refused`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        let key = "\(outlet.path)/device.key"
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: key)
        #expect(throws: EvidenceFault.exposed(path: key)) { _ = try outlet.openLog() }
    }

    @Test func `state of a newer version is refused, not overwritten`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try "2\n".write(toFile: "\(outlet.path)/format", atomically: false, encoding: .utf8)
        #expect(throws: EvidenceFault.newerState(path: outlet.path, version: "2")) { _ = try outlet.state() }
    }

    @Test func `what openssl writes is a key, and what it is not is refused`() throws {
        let outlet = try Outlet()
        let path = "\(outlet.path)/imported"
        // RFC 8410, section 10.3.
        let text = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            -----END PRIVATE KEY-----

            """
        func write(_ text: String) throws {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
        try write(text)
        let key = try KeyFile.read(path)
        // The public key of the same section.
        #expect(JSONWebKey(key.publicKey).x == "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE")
        try FileManager.default.removeItem(atPath: path)
        try KeyFile.write(key, to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        for broken in ["", String(text.dropFirst()), text.replacing("MC4C", with: "MC5C"), text + text, "\0\0\0"] {
            try write(broken)
            #expect(throws: EvidenceFault.self) { _ = try KeyFile.read(path) }
        }
    }

    @Test func `a rehearsal never reads the key`() throws {
        let outlet = try Outlet()
        try outlet.commission()
        try Data().write(to: URL(filePath: "\(outlet.path)/device.key"))
        try outlet.record(1, in: .rehearsal)
        #expect(throws: EvidenceFault.self) { _ = try outlet.openLog() }
    }
}

@Suite struct PlatformSigningTests {
    @Test func `a signature fits its message and key alone`() {
        let key = SigningKey()
        let other = SigningKey()
        let message = Array("a receipt".utf8)
        var signature = key.signature(of: message.span)
        let fits = key.publicKey.verifies(signature, of: message.span)
        let fitsOther = other.publicKey.verifies(signature, of: message.span)
        #expect(fits && !fitsOther)
        signature[3] ^= 1
        let fitsChanged = key.publicKey.verifies(signature, of: message.span)
        let fitsEmpty = key.publicKey.verifies([], of: message.span)
        #expect(!fitsChanged && !fitsEmpty)
    }

    @Test func `base64url is what RFC 4648 writes, and nothing else is read`() {
        let examples: [(String, String)] = [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"),
        ]
        for (plain, text) in examples {
            #expect(Base64URL.string(Array(plain.utf8)) == text)
            #expect(Base64URL.decode(text) == Array(plain.utf8))
        }
        #expect(Base64URL.decode("-_8") == [0xFB, 0xFF])
        for wrong in ["Z", "Zg==", "Zh", "Zm9", "Z g", "Zm9v=", "+/8"] {
            #expect(Base64URL.decode(wrong) == nil, "\(wrong)")
        }
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_800_000_000, "2027-01-15T08:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"), (.max, "9999-12-31T23:59:59Z"),
    ]) func `times are written as RFC 3339 has them`(seconds: Int64, text: String) {
        #expect(WallTime(seconds: seconds, isSynchronised: true).text == text)
    }
}
