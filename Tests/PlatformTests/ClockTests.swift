import Foundation
import Platform
import Testing

@Suite struct ClockTests {
    @Test func `the file of a time client tells that the clock is synchronised`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "synchronized-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data().write(to: file)
        #expect(isClockSynchronised(mark: file.path))
    }
}
