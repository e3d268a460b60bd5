import Foundation
import Interface
import Platform
import Ports
import Simulator
import Support
import Testing

/// A camera that comes and goes is told without anybody asking.
@Suite(.needsPack) struct HotPlugTests {
    @Test func `indicators follow the plug, and what is plugged in again is ready`() throws {
        let counter = try CounterHarness(
            CounterSetup(seed: 1000),
            signals: SignalPatterns([
                .ready: SignalPattern(steady: .green), .outOfOrder: SignalPattern(steady: .red),
            ]))
        counter.plug(false)
        try wait { counter.counter.lightState.indicators == .red }
        #expect(try !counter.status().isReady)
        counter.plug(true)
        try wait { counter.counter.lightState.indicators == .green }
        #expect(try counter.status().isReady)
    }

    @Test func `the daemon looks when a node comes where its camera belongs`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dev-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let node = folder.appending(path: "by-path/camera")
        let daemon = try RunningDaemon(source: ["--camera", node.path])
        try FileManager.default.createDirectory(
            at: node.deletingLastPathComponent(), withIntermediateDirectories: true)
        try wait {
            daemon.log.contains("event: device-changed, status: not ready: No camera answers at \(node.path).")
        }
        try Data().write(to: node)
        // What came there is no camera, but it is looked at.
        try wait { daemon.log.contains("status: not ready: \(node.path) is no video capture device") }
    }
}
