import Foundation
import Glibc
import Platform
import Testing

/// A datagram socket as the service manager has one.
private struct Listener: ~Copyable {
    let path: String
    private let socket: OwnedDescriptor

    /// An abstract one has `@` before its name.
    init(isAbstract: Bool) throws {
        let name = "notify-\(UUID().uuidString)"
        path = isAbstract ? "@" + name : NSTemporaryDirectory() + name
        socket = OwnedDescriptor(taking: Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array((isAbstract ? "\0" + name : path).utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let status = socket.withRaw { raw in
            unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    unsafe bind(raw, pointer, socklen_t(2 + bytes.count + (isAbstract ? 0 : 1)))
                }
            }
        }
        try #require(status == 0)
    }

    deinit { if path.hasPrefix("/") { _ = unsafe unlink(path) } }

    /// The next datagram; `nil` when none waits.
    func next() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = socket.withRaw { unsafe recv($0, &bytes, bytes.count, CInt(MSG_DONTWAIT)) }
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

@Suite struct ServiceManagerTests {
    @Test(arguments: [false, true]) func `messages arrive as one datagram`(isAbstract: Bool) throws {
        let listener = try Listener(isAbstract: isAbstract)
        let manager = try ServiceManager(notifying: listener.path)
        manager.tell(.ready, .status("not ready:\ncamera"), .alive)
        manager.tell(.reloading(at: Timestamp(nanoseconds: 5_000_999)))
        manager.tell(.stopping)
        let (first, second, third, fourth) = (listener.next(), listener.next(), listener.next(), listener.next())
        #expect(first == "READY=1\nSTATUS=not ready: camera\nWATCHDOG=1")
        #expect(second == "RELOADING=1\nMONOTONIC_USEC=5000")
        #expect(third == "STOPPING=1")
        #expect(fourth == nil)
    }

    @Test func `a manager that does not read holds nobody up`() throws {
        let listener = try Listener(isAbstract: true)
        let manager = try ServiceManager(notifying: listener.path)
        for _ in 0..<10_000 { manager.tell(.alive) }
        let first = listener.next()
        #expect(first == "WATCHDOG=1")
    }

    @Test(arguments: ["", "@", "/", "notify", "vsock:2:1", "/" + String(repeating: "a", count: 107)])
    func `no other address is taken`(path: String) {
        #expect(throws: Errno(EINVAL)) { _ = try ServiceManager(notifying: path) }
    }

    @Test(
        arguments: [
            ("10000000", nil, Duration.seconds(5)), ("10000000", "7", .seconds(5)), ("10000000", "8", nil),
            ("10000000", "", nil), (nil, nil, nil), ("0", nil, nil), ("-1", nil, nil), ("x", nil, nil),
            ("99999999999999999999", nil, nil),
        ] as [(String?, String?, Duration?)])
    func `the watchdog is fed at half of its time, if it watches this process`(
        time: String?, process: String?, interval: Duration?
    ) {
        #expect(Watchdog(microseconds: time, watched: process, process: 7)?.interval == interval)
    }

    @Test(
        arguments: [
            ([nil, nil, nil], [true, true, true]),
            // The first look at a work cannot know whether it hangs.
            ([nil, 5, 6, 7, nil], [true, true, true, true, true]),
            ([5, 5, 5], [true, false, false]),
            ([5, 5, 6], [true, false, true]),
            // A second verification begins where the first ended.
            ([5, nil, 5, 5], [true, true, true, false]),
        ] as [([Int?], [Bool])])
    func `work that does not advance starves the watchdog`(progress: [Int?], fed: [Bool]) throws {
        var watchdog = try #require(Watchdog(microseconds: "2", watched: nil, process: 1))
        #expect(progress.map { watchdog.isAlive(progress: $0) } == fed)
    }
}

@Suite(.serialized) struct PassedSocketsTests {
    private let path = NSTemporaryDirectory() + "passed-\(UUID().uuidString)"

    /// Gives the numbers of two neighbouring descriptors, of which the second listens.
    private func neighbours() throws -> CInt {
        let first = CInt(200)
        let socket = try UnixSocket.listen(at: path, mode: 0o600)
        unsafe unlink(path)
        try #require(dup2(0, first) == first)
        socket.withRaw { _ = dup2($0, first + 1) }
        return first
    }

    @Test func `sockets are told apart by their names, and checked`() throws {
        let first = try neighbours()
        do {
            var sockets = PassedSockets(
                process: 7, listenProcess: "7", count: "2", names: "service:counter", from: first)
            let counter = try sockets.take("counter")
            let flags = counter?.withRaw { fcntl($0, F_GETFL) & O_NONBLOCK } ?? 0
            #expect(flags == O_NONBLOCK)
            let again = try sockets.take("counter") == nil
            #expect(again)
            // It is no listening socket: what it is, nobody knows, so it stays open.
            var refused = false
            do throws(Errno) { _ = try sockets.take("service") } catch { refused = error.code == EINVAL }
            #expect(refused)
            #expect(fcntl(first, F_GETFD) >= 0)
        }
        close(first)
        #expect(fcntl(first + 1, F_GETFD) == -1)
    }

    @Test func `what nobody takes is closed`() throws {
        let first = try neighbours()
        do { _ = PassedSockets(process: 7, listenProcess: "7", count: "2", names: nil, from: first) }
        #expect(fcntl(first, F_GETFD) == -1)
        #expect(fcntl(first + 1, F_GETFD) == -1)
    }

    @Test(
        arguments: [
            (nil, "1", "counter"), ("8", "1", "counter"), ("7", nil, "counter"), ("7", "0", "counter"),
            ("7", "17", "counter"), ("7", "x", "counter"), ("7", "1", "other"), ("7", "1", nil),
        ] as [(String?, String?, String?)])
    func `sockets for another process, of another name or without one are not taken`(
        process: String?, count: String?, names: String?
    ) throws {
        // No descriptor of this test's process has such a number, so closing it does no harm.
        var sockets = PassedSockets(
            process: 7, listenProcess: process, count: count, names: names, from: 100_000)
        let isMissing = try sockets.take("counter") == nil
        #expect(isMissing)
    }
}
