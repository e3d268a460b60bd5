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
        func wait(for indicators: Indicators) -> Duration {
            let start = Timestamp.now()
            while counter.counter.lightState.indicators != indicators, Timestamp.now() - start < .seconds(20) {
                usleep(1000)
            }
            return Timestamp.now() - start
        }
        counter.plug(false)
        #expect(wait(for: .red) < .seconds(20))
        #expect(try !counter.status().isReady)
        counter.plug(true)
        #expect(wait(for: .green) < .seconds(2))
        #expect(try counter.status().isReady)
    }

    @Test func `the daemon looks when a node comes where its camera belongs`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dev-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let node = folder.appending(path: "by-path/camera")
        let daemon = try RunningDaemon(source: ["--camera", node.path])
        func wait(for words: String) -> Bool {
            let deadline = Timestamp.now() + .seconds(20)
            while !daemon.log.contains(words), Timestamp.now() < deadline { usleep(1000) }
            return daemon.log.contains(words)
        }
        try FileManager.default.createDirectory(
            at: node.deletingLastPathComponent(), withIntermediateDirectories: true)
        #expect(wait(for: "event: device-changed, status: not ready: No camera answers at \(node.path)."))
        try Data().write(to: node)
        // What came there is no camera, but it is looked at.
        #expect(wait(for: "status: not ready: \(node.path) is no video capture device"), "\(daemon.log)")
    }
}
