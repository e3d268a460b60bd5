package import Platform

/// The hash of the program that runs, found on a thread of its own, so that no start waits for it.
package final class ProgramDigest: Sendable {
    private let result = Monitor<Digest?>(nil)

    package init() throws(Errno) {
        let result = result
        let thread = try WorkerThread(name: "digest") {
            let digest = Self.read()
            result.update { $0 = digest }
        }
        thread.detach()
    }

    /// Reads it at once, 100 ms and more; `nil` when the program cannot be read.
    package static func read() -> Digest? { try? MappedFile(path: "/proc/self/exe").withBytes { Digest(of: $0) } }

    /// Waits for it if need be, some 100 ms after the start; `nil` when the program cannot be read.
    package var value: Digest? { result.wait(within: .seconds(2)) { $0 } }
}
