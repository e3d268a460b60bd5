import Glibc
import Interface
import Platform
import Ports
import Session
import Simulator
import Support
import Synchronization
import Testing
import Varlink

/// A disk that takes its time holds up only those who need it.
@Suite(.needsPack) struct SlowDiskTests {
    @Test func `while a record is written the status is told, and the identity a moment later`() throws {
        let clock = HeldClock()
        let counter = try CounterHarness(CounterSetup(seed: 1000), clock: clock)
        // Before the counter is gone, which waits for its record.
        defer { clock.goOn() }
        var client = try counter.beginVerify(counter.documentPortrait())
        _ = try CounterHarness.follow(&client) { $0.stage == .challenging }
        clock.hold()
        try wait { clock.isWaitedFor }
        var other = try VarlinkClient(connecting: counter.path)
        try other.send("io.portraitd.Device.GetIdentity", within: .seconds(30))
        for _ in 0..<3 {
            let status = try counter.status()
            #expect(status.isBusy && status.isReady)
        }
        clock.goOn()
        #expect(try CounterHarness.outcome(CounterHarness.follow(&client).last).verdict == .verified)
        #expect(try other.receive(within: .seconds(30)).error == nil)
    }
}

/// The record's clock stands for its disk: it is read with the log in hand.
private final class HeldClock: WallClock {
    private let isHeld = Atomic(false)
    private let isAsked = Atomic(false)

    var isWaitedFor: Bool { isAsked.load(ordering: .acquiring) }

    func hold() { isHeld.store(true, ordering: .releasing) }
    func goOn() { isHeld.store(false, ordering: .releasing) }

    func now() -> WallTime {
        while isHeld.load(ordering: .acquiring) {
            isAsked.store(true, ordering: .releasing)
            usleep(1000)
        }
        return SystemWallClock().now()
    }
}
