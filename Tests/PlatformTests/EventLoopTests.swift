import Glibc
import Platform
import Testing

@Suite struct EventLoopTests {
    @Test func `what is urgent never waits for two patient handlers of a kind`() throws {
        let loop = try EventLoop(patientShare: 1)
        let urgent = try Waker()
        var order = ""
        // Always ready, as the clients of a flood are.
        let pipe = try readablePipe()
        let patient = try loop.watch(pipe, for: .readable, as: .patient) { _ in
            order += "p"
            urgent.wake()
            if order.utf8.count > 20 { loop.stop() }
        }
        let watch = try urgent.attach(to: loop) { order += "u" }
        func again() {
            order += "l"
            urgent.wake()
            loop.postpone(again)
        }
        loop.postpone(again)
        try loop.run()
        loop.unwatch(patient)
        loop.unwatch(watch)
        #expect(order.hasPrefix("plupluplu"))
        #expect(!order.contains("pp") && !order.contains("ll") && !order.contains("plpl"))
    }

    @Test func `patient handlers take turns`() throws {
        let loop = try EventLoop(patientShare: 1)
        let pipes = [Pipe(try readablePipe()), Pipe(try readablePipe()), Pipe(try readablePipe())]
        var order: [Int] = []
        for (index, pipe) in pipes.enumerated() {
            pipe.watch = try loop.watch(pipe.end, for: .readable, as: .patient) { _ in
                order.append(index)
                if order.count == 9 { loop.stop() }
            }
        }
        try loop.run()
        pipes.compactMap(\.watch).forEach(loop.unwatch)
        let first = Array(order.prefix(3))
        #expect(Set(first).count == 3)
        #expect(order == first + first + first)
    }

    @Test func `patient handlers get their share of the time and no more`() throws {
        let start = Timestamp.now()
        var allowance = Allowance(share: 0.1, at: start)
        func isOpen(after time: Duration) -> Bool { allowance.isOpen(at: start + time) }
        #expect(isOpen(after: .zero))
        allowance.spend(Allowance.most + .milliseconds(1))
        #expect(!isOpen(after: .zero))
        let opening = allowance.opening - start
        #expect(opening > .milliseconds(9) && opening < .milliseconds(11))
        #expect(!isOpen(after: .milliseconds(9)))
        #expect(isOpen(after: opening))
        // What is saved up has a limit.
        #expect(isOpen(after: .seconds(3600)))
        allowance.spend(Allowance.most)
        #expect(!isOpen(after: .seconds(3600)))
    }

    @Test func `a timer that is set anew at once does not stop the loop`() throws {
        // A clock that stands still: everything is due at once.
        let loop = try EventLoop(now: { Timestamp(nanoseconds: 0) })
        let urgent = try Waker()
        func again() { loop.schedule(at: loop.now(), again) }
        again()
        let watch = try urgent.attach(to: loop) { loop.stop() }
        urgent.wake()
        try loop.run()
        loop.unwatch(watch)
    }

    private final class Pipe {
        let end: OwnedDescriptor
        var watch: EventLoop.Watch?
        init(_ end: consuming OwnedDescriptor) { self.end = end }
    }

    /// The reading end of a pipe that was closed at the other: always ready.
    private func readablePipe() throws -> OwnedDescriptor {
        var ends: [CInt] = [0, 0]
        _ = try retrying { unsafe pipe(&ends) }
        var byte: UInt8 = 1
        _ = unsafe write(ends[1], &byte, 1)
        close(ends[1])
        return OwnedDescriptor(taking: ends[0])
    }
}
