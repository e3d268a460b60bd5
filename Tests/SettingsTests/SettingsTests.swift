import Settings
import Testing

/// What a small program could have: one section of its own and named ones.
private struct Shop: Hashable {
    var name = "shop"
    var size = 1
    var pause = Duration.seconds(1)
    var colour = Colour.red
    var isOpen = true
    var shelves: [String: Int] = [:]

    init(_ files: [SettingsFile]) throws(SettingsFaults) {
        var settings = Settings(files)
        settings.section("Shop") { section in
            section.read("Name", .name, into: &name)
            section.read("Size", .integer(in: 1...100), into: &size)
            section.read("Pause", .duration(in: .zero ... .seconds(3600)), into: &pause)
            section.read("Colour", .word, into: &colour)
            section.read("IsOpen", .boolean, into: &isOpen)
        }
        for name in settings.names(of: "Shelf") {
            shelves[name] = settings.section("Shelf", named: name) { section in
                var width = 0
                section.read("Width", .integer(in: 0...9), into: &width)
                return width
            }
        }
        try settings.finish()
    }

    init(_ texts: String...) throws(SettingsFaults) {
        try self.init(
            texts.enumerated().map { SettingsFile(name: "\($0.offset).conf", text: Array($0.element.utf8)) })
    }
}

private enum Colour: String, CaseIterable { case red, green, blue }

/// The faults of one text, or of several files.
private func faults(in texts: String...) -> [String] {
    faults(in: texts.map { Array($0.utf8) })
}

private func faults(in texts: [[UInt8]]) -> [String] {
    do throws(SettingsFaults) {
        _ = try Shop(texts.enumerated().map { SettingsFile(name: "\($0.offset).conf", text: $0.element) })
        return []
    } catch {
        return error.all.map(\.description)
    }
}

@Suite struct SettingsTests {
    @Test func `every kind of line is read`() throws {
        let shop = try Shop(
            """
            \u{FEFF}# A comment
            ; another, with Key=Value in it

            [Shop]\r
              Name =  corner-1\t\r
            Size=7
            [Shelf low]
            Width=3
            [ Shelf  high ]
            Width=4
            [Shop]
            Colour=blue
            """)
        #expect(shop.name == "corner-1")
        #expect(shop.size == 7)
        #expect(shop.colour == .blue)
        #expect(shop.shelves == ["low": 3, "high": 4])
    }

    @Test(arguments: ["", "\n\n", "# nothing", "[Shop]", "[Shop]\n[Shop]", "\u{FEFF}"])
    func `what is not set stays as it was`(text: String) throws {
        #expect(try Shop(text) == Shop([]))
    }

    @Test func `a later file overrides an earlier one key by key`() throws {
        let shop = try Shop(
            "[Shop]\nSize=7\nColour=blue\n[Shelf low]\nWidth=1", "[Shop]\nSize=8", "[Shelf low]\nWidth=2")
        #expect(shop.size == 8)
        #expect(shop.colour == .blue)
        #expect(shop.shelves == ["low": 2])
    }

    @Test(arguments: [
        ("[Shop]\nSzie=3", "0.conf:2: Unknown key Szie in [Shop]. Did you mean Size?"),
        ("[Shop]\nsize=3", "0.conf:2: Unknown key size in [Shop]. Did you mean Size?"),
        (
            "[Shop]\nDoor=3",
            "0.conf:2: Unknown key Door in [Shop]. Known keys are Colour, IsOpen, Name, Pause, Size."
        ),
        ("[Shop]\nClooru=red", "0.conf:2: Unknown key Clooru in [Shop]. Did you mean Colour?"),
        ("[Shelf low]\nWith=3", "0.conf:2: Unknown key With in [Shelf low]. Did you mean Width?"),
        ("\n[Shpo]\nSize=3", "0.conf:2: Unknown section [Shpo]. Did you mean [Shop]?"),
        ("[Shelve low]", "0.conf:1: Unknown section [Shelve low]. Did you mean [Shelf low]?"),
        ("[Window]\nA=1\nB=2", "0.conf:1: Unknown section [Window]. Known sections are [Shelf NAME], [Shop]."),
        ("[Window left]", "0.conf:1: Unknown section [Window left]. Known sections are [Shelf NAME], [Shop]."),
        ("[Shop corner]", "0.conf:1: [Shop corner] cannot have a name. Write [Shop]."),
        ("[Shelf]", "0.conf:1: [Shelf] lacks a name. Write [Shelf NAME]."),
        (
            "[Shelf Low]",
            "0.conf:1: Low cannot name a section. Give a name of a small letter and up to 31 letters, digits and hyphens."
        ),
        ("[Shop", "0.conf:1: [Shop is no section. Write [Section] or [Section name]."),
        ("[]", "0.conf:1: [] is no section. Write [Section] or [Section name]."),
        ("[Shelf low left]\nX=1", "0.conf:1: [Shelf low left] is no section. Write [Section] or [Section name]."),
        ("Size=3", "0.conf:1: Size stands before the first section. Write [Section] above it."),
        ("[Shop]\nSize", "0.conf:2: Size sets nothing. Write Key=Value, or # before a comment."),
        ("[Shop]\n=3", "0.conf:2: =3 sets nothing. Write Key=Value, or # before a comment."),
        ("[Shop]\nSize=\\\n", "0.conf:2: Size goes on in the next line. Write it in one line."),
        ("[Shop]\nSize=", "0.conf:2: Size in [Shop] is empty. Give a whole number from 1 to 100."),
        ("[Shop]\nSize=101", "0.conf:2: 101 does not fit Size in [Shop]. Give a whole number from 1 to 100."),
        ("[Shop]\nColour=gren", "0.conf:2: gren does not fit Colour in [Shop]. Did you mean green?"),
        ("[Shop]\nColour=black", "0.conf:2: black does not fit Colour in [Shop]. Give one of red, green, blue."),
        ("[Shop]\nIsOpen=true", "0.conf:2: true does not fit IsOpen in [Shop]. Give yes or no."),
        ("[Shop]\nSize=1\nSize=1", "0.conf:3: Size in [Shop] is already set in line 2. Remove one of the two."),
        (
            "[Shop]\nSize=1\n[Shelf low]\n[Shop]\nSize=2",
            "0.conf:5: Size in [Shop] is already set in line 2. Remove one of the two."
        ),
    ]) func `a mistake is told with its place and its remedy`(text: String, fault: String) {
        #expect(faults(in: text) == [fault])
    }

    @Test func `all mistakes of all files are told in their order`() {
        let found = faults(in: "Size=1\n[Shop]\nSize=0\nSiz=1\n[Shelf]\n", "[Shop]\nSize=0\n[Sop]", "[Shop]\nPause=3")
        #expect(
            found.map { $0.split(separator: " ")[0] } == [
                "0.conf:1:", "0.conf:3:", "0.conf:4:", "0.conf:5:", "1.conf:2:", "1.conf:3:", "2.conf:2:",
            ])
    }

    @Test func `a mistake does not hide behind the file that overrides it`() {
        #expect(faults(in: "[Shop]\nX=1\nSize=0", "[Shop]\nX=1\nSize=1").count == 3)
    }
}
