import Evidence
import Foundation
import Glibc
import Platform
import Ports
import Testing

/// How long records are kept where clock or disk do not help.
@Suite struct LogBoundsTests {
    private func outlet() throws -> Outlet {
        let outlet = try Outlet()
        outlet.limits.retention = .seconds(80 * 86_400)
        return outlet
    }

    private func keeper(_ outlet: Outlet) throws -> EvidenceKeeper {
        try EvidenceKeeper(.init(path: outlet.path, credential: nil, limits: outlet.limits, clock: outlet.clock))
    }

    @Test func `a segment that begins without a clock turns over by age all the same`() throws {
        let outlet = try outlet()
        outlet.clock.set(0, isSynchronised: false)
        try outlet.commission()
        try outlet.record(1)
        outlet.clock.set(1_800_000_000)
        try outlet.record(1)
        outlet.clock.advance(days: 9)
        try outlet.record(1)
        #expect(outlet.segments.count == 1)
        outlet.clock.advance(days: 2)
        try outlet.record(1)
        #expect(outlet.segments.count == 2)
    }

    @Test func `a segment that ends without a clock goes when those behind it show its age`() throws {
        let outlet = try outlet()
        try outlet.commission()
        try outlet.record(1)
        outlet.clock.set(0, isSynchronised: false)
        try outlet.record(1)
        outlet.clock.set(1_800_000_000)
        for days in [11, 60, 15] {
            outlet.clock.advance(days: days)
            try outlet.record(1)
            #expect(try outlet.audit().first == 1, "it may be as young as the one behind it")
        }
        outlet.clock.advance(days: 6)
        try outlet.record(1)
        #expect(try outlet.audit().first == 6)
    }

    @Test func `lower limits remove old segments at once`() throws {
        let outlet = try outlet()
        outlet.limits.byteCount = 64_000
        try outlet.commission()
        try outlet.record(60)
        let keeper = try keeper(outlet)
        try keeper.prepare(for: .camera)
        #expect(try keeper.extent(for: .camera).byteCount > 32_000)
        outlet.limits.byteCount = 32_000
        keeper.change(outlet.limits)
        #expect(try keeper.extent(for: .camera).byteCount <= 32_000)
        outlet.limits.byteCount = 64_000
        keeper.change(outlet.limits)
        _ = try keeper.record(.sample("sale"))
        #expect(try outlet.audit().first > 1)
    }

    @Test(arguments: [false, true]) func `on a full disk what is no longer kept makes room`(isRestarted: Bool) throws {
        let outlet = try outlet()
        guard unsafe mount("disk", outlet.path, "tmpfs", 0, "size=4M,mode=0700") == 0 else {
            try Test.cancel("mounts are not allowed here")
        }
        defer { _ = unsafe umount2(outlet.path, CInt(MNT_DETACH)) }
        try outlet.record(2000, in: .rehearsal)
        outlet.clock.advance(days: 11)
        try outlet.record(1, in: .rehearsal)
        var running: EvidenceKeeper? = try keeper(outlet)
        try running?.prepare(for: .simulator)
        let other = try FileHandle(forWritingTo: URL(filePath: "\(outlet.path)/lock"))
        while (try? other.write(contentsOf: Data(count: 4096))) != nil {}
        let full = EvidenceFault.full(path: outlet.folder(.rehearsal))
        #expect(throws: full) { try running?.prepare(for: .simulator) }
        outlet.clock.advance(days: 90)
        if isRestarted { running = nil }
        let keeper = try running ?? keeper(outlet)
        try keeper.prepare(for: .simulator)
        _ = try keeper.record(.sample("sale", source: .simulator))
        #expect(try outlet.audit(.rehearsal).first > 2000)
    }
}
