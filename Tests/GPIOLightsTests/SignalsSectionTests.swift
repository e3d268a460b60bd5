import GPIOLights
import Ports
import Settings
import Testing

private func patterns(_ text: String, _ indicators: Indicators = .full) throws(SettingsFaults) -> SignalPatterns {
    var settings = Settings([SettingsFile(name: "board.conf", text: Array(text.utf8))])
    let patterns = settings.section("Signals") { SignalPatterns(&$0, indicators: indicators) }
    try settings.finish()
    return patterns
}

extension Indicators {
    fileprivate static let full: Indicators = [.green, .yellow, .red, .white]
}

@Suite struct SignalsSectionTests {
    @Test func `patterns replace those that are customary`() throws {
        let text = "[Signals]\nReady=none\nOutOfOrder=red:100/1900 yellow\nAccepted=green white"
        let read = try patterns(text)
        #expect(read[.ready] == SignalPattern())
        #expect(
            read[.outOfOrder]
                == SignalPattern(
                    steady: .yellow, blinking: [.init(.red, lit: .milliseconds(100), dark: .milliseconds(1900))]))
        #expect(read[.accepted] == SignalPattern(steady: [.green, .white]))
        #expect(read[.capturing] == SignalPatterns.standard[.capturing])
    }

    @Test func `without a section a board shows what it can`() throws {
        let read = try patterns("", .red)
        #expect(read[.outOfOrder] == SignalPatterns.standard[.outOfOrder])
        #expect(read[.ready] == SignalPattern())
    }

    @Test(arguments: [
        "green:", "green:500", "green:0/500", "green:99/900", "green:100/10001", "green:166/167", "green:1/2/3",
        "green:500/500:1", "blue", "green,red", "green:a/b", "none green",
    ]) func `a pattern that is none, or flashes too fast, is refused`(text: String) {
        let faults = #expect(throws: SettingsFaults.self) { _ = try patterns("[Signals]\nReady=\(text)") }
        #expect(faults?.all.first?.description.contains("at most three flashes a second") == true)
    }

    @Test func `an indicator without a line is named`() {
        let faults = #expect(throws: SettingsFaults.self) { _ = try patterns("[Signals]\nReady=white", .green) }
        #expect(
            faults?.all.map(\.description) == [
                "board.conf:2: Ready in [Signals] names an indicator without a line. "
                    + "Give it a line in [Lights], or choose another."
            ])
    }
}
