import Foundation
import Glibc
import Platform

/// This program as a hostile client, for as long as the value lives.
final class HostileClient {
    let attack: Attack
    private let process = Process()
    /// Its end tells the client to end, even when this program crashes.
    private let leash = Pipe()

    init(_ attack: Attack, socket: String) throws {
        self.attack = attack
        // No other child may hold the leash.
        _ = fcntl(leash.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["attack", attack.rawValue, socket]
        process.standardInput = leash
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        try? leash.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    var isAlive: Bool { process.isRunning }
}
