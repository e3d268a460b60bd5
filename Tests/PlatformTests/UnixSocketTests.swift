import Foundation
import Glibc
import Platform
import Testing

@Suite struct UnixSocketTests {
    private let path = NSTemporaryDirectory() + "socket-\(UUID().uuidString)"

    private func code(_ body: () throws(Errno) -> Void) -> CInt {
        do throws(Errno) { try body() } catch { return error.code }
        return 0
    }

    @Test func `a socket that is served is not taken over, one that is left behind is`() throws {
        defer { unsafe unlink(path) }
        do {
            let first = try UnixSocket.listen(at: path, mode: 0o600)
            #expect(code { () throws(Errno) in _ = try UnixSocket.listen(at: path, mode: 0o600) } == EADDRINUSE)
            _ = consume first
        }
        _ = try UnixSocket.listen(at: path, mode: 0o600)
    }

    @Test func `a listening socket has the mode that was asked for, and no other file`() throws {
        defer { unsafe unlink(path) }
        let file = path + ".file"
        defer { unsafe unlink(file) }
        @Sendable func mode(_ path: String) -> UInt32 {
            var status = stat()
            return unsafe lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
        }
        DispatchQueue.concurrentPerform(iterations: 2) { number in
            for _ in 0..<500 {
                if number == 0 {
                    #expect(throws: Never.self) { _ = try UnixSocket.listen(at: path, mode: 0o666) }
                    #expect(mode(path) == 0o666)
                } else {
                    #expect(throws: Never.self) { _ = try OwnedDescriptor(opening: file, flags: O_WRONLY | O_CREAT) }
                    #expect(mode(file) == 0o600)
                    unsafe unlink(file)
                }
            }
        }
    }

    @Test func `a file that is no socket stays`() throws {
        defer { unsafe unlink(path) }
        try Data([1]).write(to: URL(filePath: path))
        #expect(code { () throws(Errno) in _ = try UnixSocket.listen(at: path, mode: 0o600) } == EADDRINUSE)
        #expect(try Data(contentsOf: URL(filePath: path)) == Data([1]))
    }

    @Test func `a listener that takes nobody does not hold its callers up`() throws {
        defer { unsafe unlink(path) }
        let listener = try UnixSocket.listen(at: path, mode: 0o600)
        var waiting: [CInt] = []
        defer { waiting.forEach { close($0) } }
        let status = code { () throws(Errno) in
            for _ in 0..<100 {
                waiting.append(try UnixSocket.connect(to: path, within: .milliseconds(10)).release())
            }
        }
        #expect(status == EAGAIN)
        // It is alive all the same, so its path is not taken over.
        #expect(code { () throws(Errno) in _ = try UnixSocket.listen(at: path, mode: 0o600) } == EAGAIN)
        _ = consume listener
    }

    @Test func `both ends know who is at the other`() throws {
        defer { unsafe unlink(path) }
        let listener = try UnixSocket.listen(at: path, mode: 0o600)
        let client = try UnixSocket.connect(to: path)
        let accepted = try UnixSocket.accept(from: listener)
        guard let accepted else {
            Issue.record("nobody waits")
            return
        }
        let (own, other) = (UnixSocket.peer(of: accepted), UnixSocket.peer(of: client))
        #expect(own?.process == getpid() && own?.user == getuid() && own?.group == getgid())
        #expect(other == own)
        let isEmpty = try UnixSocket.accept(from: listener) == nil
        #expect(isEmpty)
    }

    @Test func `a path that is too long is refused`() {
        let long = "/" + String(repeating: "x", count: 107)
        #expect(code { () throws(Errno) in _ = try UnixSocket.connect(to: long) } == ENAMETOOLONG)
    }
}
