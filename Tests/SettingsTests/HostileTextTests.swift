import Settings
import Support
import Testing

/// The faults of one text, in which only `[Section]` with `Key=1` to `Key=9` and `[Name x]` are known.
private func faults(in text: [UInt8]) -> [SettingsFault] {
    var settings = Settings([SettingsFile(name: "a", text: text)])
    var value = 0
    settings.section("Section") { $0.read("Key", .integer(in: 1...9), into: &value) }
    for name in settings.names(of: "Name") { settings.section("Name", named: name) { _ in } }
    do throws(SettingsFaults) {
        try settings.finish()
        return []
    } catch {
        return error.all
    }
}

private func faults(in text: String) -> [SettingsFault] { faults(in: Array(text.utf8)) }

@Suite struct HostileTextTests {
    @Test(arguments: [
        ("a NUL", Array("[Section]\nKey=1\0".utf8), "a:2: The line has a control character."),
        ("an escape", Array("[Section]\n# \u{1B}[2J".utf8), "a:2: The line has a control character."),
        ("an escape in Unicode", Array("# \u{9B}2J".utf8), "a:1: The line has a control character."),
        ("a lone carriage return", Array("[Section]\rKey=1".utf8), "a:1: The line has a control character."),
        ("Latin-1", Array("[Section]\n# Gr".utf8) + [0xFC, 0xDF, 0x65], "a:2: The line is not UTF-8."),
        ("a cut character", Array("[Section]\n# ".utf8) + [0xE2, 0x82], "a:2: The line is not UTF-8."),
        ("an overlong form", [0x23, 0xC0, 0xAF], "a:1: The line is not UTF-8."),
        ("a surrogate", [0x23, 0xED, 0xA0, 0x80], "a:1: The line is not UTF-8."),
        ("UTF-16", [0xFF, 0xFE, 0x5B, 0x00], "a:1: The line is not UTF-8."),
    ]) func `bytes that are no text are refused in their line`(what: String, text: [UInt8], fault: String) throws {
        let found = faults(in: text)
        #expect(found.count == 1)
        #expect(try #require(found.first).description.hasPrefix(fault))
    }

    @Test func `a line may have 1024 bytes and not one more`() {
        let comment = "#" + String(repeating: "x", count: 1023)
        #expect(faults(in: comment + "\r\n").isEmpty)
        #expect(faults(in: comment + "x").map(\.problem) == ["The line is 1025 bytes long."])
    }

    @Test func `a file may have 64 KiB and not one byte more`() {
        let text = String(repeating: "#\n", count: 32 << 10)
        #expect(faults(in: text).isEmpty)
        #expect(
            faults(in: text + "\n").map(\.description) == [
                "a: The file is larger than 64K. Remove what does not belong there."
            ])
    }

    @Test func `a file may have 64 sections and the reading ends with one more`() {
        func sections(_ count: Int) -> String { (0..<count).map { "[Name n\($0)]\n" }.joined() }
        #expect(faults(in: sections(64)).isEmpty)
        #expect(faults(in: sections(10_000).prefix(64 << 10) + "").map(\.position.description) == ["a:65"])
    }

    @Test func `a giant value is quoted in part`() throws {
        let fault = try #require(faults(in: "[Section]\nKey=" + String(repeating: "9", count: 1000)).first)
        #expect(fault.description.utf8.count < 200)
    }

    @Test func `the nearest name is looked for in the longest word, too`() {
        #expect(faults(in: "[Section]\n" + String(repeating: "k", count: 1000) + "=1").count == 1)
    }

    @Test func `a file of faults has one for each line`() {
        let text = "[Section]\n" + String(repeating: "x\n", count: 32_000)
        #expect(faults(in: text).count == 32_000)
    }

    @Test func `every beginning of a text is read or refused`() {
        let text = Array("\u{FEFF}[Section]\r\nKey = 5\r\n# größer\r\n[Name a]\r\n;\r\n".utf8)
        for count in 0...text.count {
            let found = faults(in: Array(text.prefix(count)))
            #expect(found.count <= 1)
        }
    }

    @Test func `noise is read or refused`() {
        var generator = SeededGenerator(seed: 1)
        let alphabet = Array("[]=#; \t\r\n\\SectionKey19\0".utf8) + [0xEF, 0xBB, 0xBF, 0xFF]
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<200, using: &generator)
            let text = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let lines = text.filter { $0 == UInt8(ascii: "\n") }.count + 1
            #expect(faults(in: text).count <= 2 * lines)
        }
    }
}
