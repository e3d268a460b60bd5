import Glibc
import Platform
import Testing

@Suite struct EventLoopTests {
    @Test func `what is urgent waits for one patient handler at most`() throws {
        let loop = try EventLoop(patientShare: 1)
        let (busy, urgent) = (try Waker(), try Waker())
        var order = ""
        // Always ready, as the clients of a flood are.
        let descriptor = OwnedDescriptor(taking: try retrying { eventfd(1, CInt(EFD_CLOEXEC.rawValue)) })
        let watches = [
            try loop.watch(descriptor, for: .readable, as: .patient) { _ in
                order += "p"
                urgent.wake()
                if order.utf8.count >= 20 { loop.stop() }
            },
            try urgent.attach(to: loop) { order += "u" },
        ]
        try loop.run()
        for watch in watches { loop.unwatch(watch) }
        #expect(order == String(repeating: "pu", count: 9) + "p" + "up".prefix(1) + "p" || !order.contains("pp"))
        _ = busy
    }
}
