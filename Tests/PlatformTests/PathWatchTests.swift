import Foundation
import Platform
import Testing

@Suite struct PathWatchTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "watch-\(UUID().uuidString)")
    private let loop: EventLoop

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        loop = try EventLoop(patientShare: 1)
    }

    private final class Count { var value = 0 }

    /// Turns until what was done has been told: the kernel has it ready at once, and a turn reads a part of it.
    private func settle() throws {
        for _ in 0..<10 {
            loop.postpone { [loop] in loop.stop() }
            try loop.run()
        }
    }

    /// How many times `changes`, one after another, are told to who watches `path` below the folder.
    private func told(of path: String, _ changes: [() throws -> Void]) throws -> [Int] {
        defer { try? FileManager.default.removeItem(at: folder) }
        let watch = try PathWatch([folder.appending(path: path).path])
        let count = Count()
        let attached = try watch.attach(to: loop) { count.value += 1 }
        defer { loop.unwatch(attached) }
        return try changes.map { change in
            count.value = 0
            try change()
            try settle()
            return count.value
        }
    }

    private func make(_ name: String) throws { try Data().write(to: folder.appending(path: name)) }
    private func remove(_ name: String) throws { try FileManager.default.removeItem(at: folder.appending(path: name)) }
    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            at: folder.appending(path: name), withIntermediateDirectories: true)
    }

    @Test func `a node is told when it comes, changes hands and goes, and no other`() throws {
        let counts = try told(
            of: "video0",
            [
                { try make("video1") }, { try make("video0") },
                {
                    try FileManager.default.setAttributes(
                        [.posixPermissions: 0o640], ofItemAtPath: folder.appending(path: "video0").path)
                },
                { try remove("video1") }, { try remove("video0") },
            ])
        #expect(counts.map { $0 > 0 } == [false, true, true, false, true])
    }

    @Test func `a name that only begins so is told too`() throws {
        let counts = try told(
            of: "gpiochip*",
            [{ try make("video0") }, { try make("gpiochip0") }, { try make("gpio") }, { try remove("gpiochip0") }])
        #expect(counts.map { $0 > 0 } == [false, true, false, true])
    }

    @Test func `folders on the way may come later and go`() throws {
        let counts = try told(
            of: "v4l/by-path/camera",
            [
                { try makeFolder("v4l/by-path") }, { try make("v4l/by-path/camera") }, { try remove("v4l") },
                { try make("other") }, { try makeFolder("v4l/by-path") }, { try make("v4l/by-path/camera") },
            ])
        #expect(counts.map { $0 > 0 } == [true, true, true, false, true, true])
    }

    @Test func `a flood of changes is read a part at a time, and behind what is urgent`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let watch = try PathWatch([folder.appending(path: "video0").path])
        let waker = try Waker()
        var order: [String] = []
        let attached = try watch.attach(to: loop) { order.append("change") }
        let urgent = try waker.attach(to: loop) { order.append("urgent") }
        defer { for watch in [attached, urgent] { loop.unwatch(watch) } }
        for _ in 0..<200 {
            try make("video0")
            try remove("video0")
        }
        waker.wake()
        try settle()
        #expect(order.first == "urgent")
        #expect(order.count > 2)
    }

    @Test func `a link that is replaced is told`() throws {
        try make("video0")
        let (link, fresh) = (folder.appending(path: "camera").path, folder.appending(path: "fresh").path)
        let counts = try told(
            of: "camera",
            [
                { try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "video0") },
                { try FileManager.default.createSymbolicLink(atPath: fresh, withDestinationPath: "video1") },
                { #expect(unsafe rename(fresh, link) == 0) },
            ])
        #expect(counts.map { $0 > 0 } == [true, false, true])
    }
}
