import Evidence
import Foundation
import Glibc
import Platform
import Ports
import Testing

/// What was renamed or made is on the disk only when its folder is, too.
///
/// In processes of their own, as somebody who is not root: a folder that may not be read cannot be synchronised either.
@Suite struct DurabilityTests {
    @Test func `tries that a loss of power would bring back are no ground for a record`() async {
        await #expect(processExitsWith: .success) {
            seteuid(65_534)
            let outlet = try Outlet()
            try outlet.commission()
            let keeper = try EvidenceKeeper(
                .init(path: outlet.path, credential: nil, limits: LogLimits(), clock: outlet.clock))
            _ = try keeper.record(.sample("sale-1"), keeping: [1])
            unsafe chmod(outlet.path, 0o300)
            let record = try? keeper.record(.sample("sale-2"), keeping: [2])
            unsafe chmod(outlet.path, 0o700)
            precondition(record == nil)
            let summary = try outlet.audit()
            precondition(summary.receiptCount == 1)
        }
    }

    @Test func `a rotation is finished only when its end is on the disk`() async {
        await #expect(processExitsWith: .success) {
            seteuid(65_534)
            let outlet = try Outlet()
            try outlet.commission()
            let next = SigningKey()
            var log = try outlet.openLog()
            try log.announce(next)
            try KeyFile.write(next, to: "\(outlet.path)/device.key.next")
            let state = try outlet.state()
            unsafe chmod(outlet.path, 0o300)
            let opened = try? state.openLog(.device, credential: nil, limits: outlet.limits, clock: outlet.clock)
            unsafe chmod(outlet.path, 0o700)
            if opened != nil { fatalError("nobody knows whether the old key comes back") }
        }
    }

    @Test func `a key is written when its name is on the disk`() async {
        await #expect(processExitsWith: .success) {
            seteuid(65_534)
            let outlet = try Outlet()
            unsafe chmod(outlet.path, 0o300)
            do {
                try KeyFile.write(SigningKey(), to: "\(outlet.path)/next")
                fatalError("an announced key could be lost")
            } catch is EvidenceFault {}
            unsafe chmod(outlet.path, 0o700)
        }
    }

    @Test func `a key that finds no room leaves no file`() async {
        await #expect(processExitsWith: .success) {
            let outlet = try Outlet()
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 10, rlim_max: rlim_t.max)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let path = "\(outlet.path)/next"
            do {
                try KeyFile.write(SigningKey(), to: path)
                fatalError("it has no room")
            } catch is EvidenceFault {}
            precondition(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `a verification begins only where the tries still find room to be written anew`() throws {
        let outlet = try Outlet()
        guard unsafe mount("tmpfs", outlet.path, "tmpfs", 0, "size=2m,mode=700") == 0 else {
            try Test.cancel("only root can mount a small file system")
        }
        defer { _ = unsafe umount2(outlet.path, CInt(MNT_DETACH)) }
        try outlet.commission()
        let keeper = try EvidenceKeeper(
            .init(path: outlet.path, credential: nil, limits: LogLimits(), clock: outlet.clock))
        try keeper.prepare(for: .camera)
        try Data(count: 1 << 20).write(to: URL(filePath: "\(outlet.path)/ballast"))
        #expect(throws: EvidenceFault.self) { try keeper.prepare(for: .camera) }
    }
}
