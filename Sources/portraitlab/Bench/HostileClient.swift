import Foundation
import Glibc
import Platform

/// This program as a hostile client, for as long as the value lives.
final class HostileClient {
    let misbehaviour: Misbehaviour
    private let process = Process()
    /// Its end tells the client to end, even when this program crashes.
    private let leash = Pipe()

    init(_ misbehaviour: Misbehaviour, socket: String) throws {
        self.misbehaviour = misbehaviour
        // No other child may hold the leash.
        _ = fcntl(leash.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["misbehave", misbehaviour.rawValue, socket]
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
