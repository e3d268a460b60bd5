import Evidence
import Foundation
import Interface
import Platform
import Ports
import Testing

@testable import Workshop

/// A clock that goes on by some seconds whenever it is read.
private final class HurryingTime: TimeSource {
    private let seconds: Int64
    private let count = Monitor(Int64(0))

    init(seconds: Int64) { self.seconds = seconds }

    func now() -> Timestamp {
        count.update { count in
            count += 1
            return Timestamp(nanoseconds: count * seconds * 1_000_000_000)
        }
    }

    func wait(until deadline: Timestamp) {}
}

@Suite struct AuditCheckTests {
    /// Examines the log of a device that was just commissioned and has changed its key `changes` times.
    private func check(_ time: HurryingTime, changes: Int, stop: StopFlag = StopFlag()) throws -> [String] {
        let path = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let state = try DeviceState(path: path)
        _ = try state.commission()
        for _ in 0..<changes { _ = try state.rotateKey(clock: SystemWallClock()) }
        let check = auditCheck(at: state.logPath, time: time, stop: stop)
        return [check.result.rawValue, check.seen, check.remedy ?? ""]
    }

    @Test func `a log that is read in time is whole`() throws {
        let found = try check(HurryingTime(seconds: 1), changes: 3)
        #expect(found == ["pass", "4 records in an unbroken chain, 0 receipts", ""])
    }

    @Test func `a log that takes longer than half a minute is read as far as it comes`() throws {
        let found = try check(HurryingTime(seconds: 12), changes: 3)
        #expect(
            found == [
                "unknown", "the first 2 records in an unbroken chain, then the time was up",
                "Have it read to its end: portraitctl receipts verify.",
            ])
    }

    @Test func `the end of the work ends the reading`() throws {
        let stop = StopFlag()
        stop.raise()
        #expect(try check(HurryingTime(seconds: 0), changes: 3, stop: stop)[1].hasPrefix("the first 0 records"))
    }

    @Test func `a log that is missing is a failure`() throws {
        let check = auditCheck(at: "/nowhere", time: HurryingTime(seconds: 0), stop: StopFlag())
        #expect(check.result == .fail && check.seen.hasPrefix("/nowhere cannot be used"))
    }
}
