import Foundation
import Glibc
import Interface
import Support
import Testing
import Varlink

/// What a service manager hears from the built daemon.
@Suite(.needsPack) struct SupervisionTests {
    @Test func `the manager is told of start, work, reload and end`() throws {
        let manager = try ManagerSocket()
        let daemon = try RunningDaemon(
            "device/scenarios/stands-too-far.conf",
            environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"])
        try manager.read { $0 == "READY=1\nWATCHDOG=1" }
        try manager.read { $0 == "STATUS=ready" }
        try manager.read { $0 == "WATCHDOG=1" }

        var client = try CounterHarness.beginVerify(at: daemon.socket, try RunningDaemon.documentPortrait())
        _ = try client.receive(within: CounterHarness.patience)
        // What came before the work says nothing of it.
        manager.drain()
        // Work that goes on feeds the watchdog, however slow this machine is.
        try manager.read { $0 == "WATCHDOG=1" }
        try manager.read { $0 == "WATCHDOG=1" }
        #expect(try CounterHarness.status(at: daemon.socket).isBusy)
        daemon.signal(SIGHUP)
        try manager.read { $0.wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=[0-9]+/) != nil }
        try manager.read { $0 == "READY=1" }
        daemon.signal(SIGTERM)
        try manager.read { $0 == "STOPPING=1\nSTATUS=stopping" }
    }

    @Test func `a step of the work that outlasts the watchdog feeds it no more`() throws {
        let manager = try ManagerSocket()
        let daemon = try RunningDaemon(
            "device/scenarios/stands-too-far.conf",
            environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "2000"])
        let starved = "event: watchdog-starved, problem: The analysis does not advance."
        try manager.read { $0 == "WATCHDOG=1" }
        #expect(!daemon.log.contains(starved))
        let client = try CounterHarness.beginVerify(at: daemon.socket, try RunningDaemon.documentPortrait())
        try wait { daemon.log.contains(starved) }
        _ = consume client
    }

    @Test func `the watchdog is fed before the camera is asked, which may take half its time`() throws {
        let manager = try ManagerSocket()
        let daemon = try RunningDaemon(
            "device/scenarios/stands-too-far.conf",
            environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "7200000000"])
        try manager.read { $0 == "READY=1\nWATCHDOG=1" }
        // An hour before it is due.
        try manager.read { $0 == "WATCHDOG=1" }
        try manager.read { $0 == "STATUS=ready" }
        #expect(try CounterHarness.status(at: daemon.socket).isReady)
        try manager.read { $0 == "WATCHDOG=1" }
    }

    /// Starts the daemon with a configuration that is not there.
    private func startWrongly(_ manager: borrowing ManagerSocket, _ words: [String]) throws -> Process {
        let process = Process()
        process.executableURL = Repository.programs.appending(path: "portraitd")
        process.arguments = ["--pack", TestPack.folder, "--configuration", "/nowhere/p.conf"] + words
        process.environment = ["NOTIFY_SOCKET": manager.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    @Test func `a daemon that cannot start says why, and ends at once only when it is told to`() throws {
        let manager = try ManagerSocket()
        let process = try startWrongly(manager, ["--simulate", "willing"])
        try manager.read { $0.hasPrefix("STATUS=/nowhere/p.conf: ") }
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGTERM)
    }

    @Test func `who only checks the configuration tells the manager nothing`() throws {
        let manager = try ManagerSocket()
        let process = try startWrongly(manager, ["--check-configuration"])
        process.waitUntilExit()
        #expect(process.terminationStatus == 78 && manager.isSilent)
    }
}

/// The manager's end of `NOTIFY_SOCKET`.
private struct ManagerSocket: ~Copyable {
    let path = NSTemporaryDirectory() + "manager-\(UUID().uuidString)"
    private let socket: CInt

    init() throws {
        socket = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(socket)
        _ = unsafe unlink(path)
    }

    /// Whether nothing has come that was not read.
    var isSilent: Bool {
        var byte: UInt8 = 0
        return unsafe recv(socket, &byte, 1, CInt(MSG_DONTWAIT)) < 0
    }

    /// Forgets what has come.
    func drain() {
        var byte: UInt8 = 0
        while unsafe recv(socket, &byte, 1, CInt(MSG_DONTWAIT)) >= 0 {}
    }

    /// Passes over what comes before a datagram that `isExpected`.
    func read(_ isExpected: (String) -> Bool) throws {
        while true {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = unsafe recv(socket, &bytes, bytes.count, 0)
            try #require(count > 0, "the daemon said nothing more")
            if isExpected(String(decoding: bytes.prefix(count), as: UTF8.self)) { return }
        }
    }
}
