import Testing

@testable import Settings

private enum Colour: String, CaseIterable { case red, green, blue }

/// What `form` makes of `text`; `nil` when it does not fit.
private func read<Value>(_ text: String, as form: SettingForm<Value>) -> Value? {
    if case .fits(let value) = form.read(text) { value } else { nil }
}

@Suite struct FormTests {
    @Test(
        arguments: [
            ("0", 0), ("9", 9), ("-9", -9), ("007", 7), ("10", nil), ("-10", nil), ("+3", nil), ("3.0", nil),
            ("0x3", nil),
            ("", nil), ("-", nil), ("1 2", nil), ("٣", nil), ("1\u{301}", nil), ("9223372036854775808", nil),
            ("99999999999999999999999999", nil),
        ] as [(String, Int?)]) func `a whole number`(text: String, value: Int?)
    {
        #expect(read(text, as: .integer(in: -9...9)) == value)
    }

    @Test(
        arguments: [
            ("0", 0), ("0.25", 0.25), (".5", 0.5), ("1", 1), ("-0.5", -0.5), ("1.01", nil), ("nan", nil), ("inf", nil),
            ("1e-3", nil), ("0x1", nil), ("50%", nil), ("1,5", nil), ("", nil), ("1.0.0", nil), ("--1", nil),
            ("0.0000000000000000000001", nil),
        ] as [(String, Double?)]) func `a number`(text: String, value: Double?)
    {
        #expect(read(text, as: .number(in: -1...1)) == value)
    }

    @Test(
        arguments: [
            ("0s", .zero), ("500ms", .milliseconds(500)), ("6s", .seconds(6)), ("2min", .seconds(120)),
            ("12h", .seconds(43_200)), ("30d", .seconds(2_592_000)), ("31d", nil), ("6", nil), ("0", nil), ("6 s", nil),
            ("6S", nil), ("6m", nil), ("s", nil), ("1.5s", nil), ("-1s", nil), ("1min 30s", nil), ("", nil),
            ("9223372036854775807d", nil), ("99999999999999999999999s", nil),
        ] as [(String, Duration?)]) func `a duration`(text: String, value: Duration?)
    {
        #expect(read(text, as: .duration(in: .zero ... .seconds(2_592_000))) == value)
    }

    @Test(
        arguments: [
            ("512", 512), ("1K", 1024), ("64M", 67_108_864), ("4G", 4_294_967_296), ("5G", nil), ("1T", nil),
            ("1k", nil),
            ("1 M", nil), ("M", nil), ("-1", nil), ("", nil), ("9223372036854775807G", nil),
            ("18014398509481984K", nil),
        ] as [(String, Int?)]) func `a size`(text: String, value: Int?)
    {
        #expect(read(text, as: .size(in: 0...4 << 30)) == value)
    }

    @Test(
        arguments: [
            ("2-4", 2...4), ("3", 3...3), ("2-2", 2...2), ("4-2", nil), ("1-4", nil), ("2-5", nil), ("-4", nil),
            ("2-", nil),
            ("2-3-4", nil), ("2..4", nil), ("2 - 4", nil), ("", nil),
        ] as [(String, ClosedRange<Int>?)]) func `a range`(text: String, value: ClosedRange<Int>?)
    {
        #expect(read(text, as: .range(within: 2...4)) == value)
    }

    @Test(
        arguments: [
            ("yes", true), ("no", false), ("Yes", nil), ("true", nil), ("1", nil), ("", nil),
        ] as [(String, Bool?)]) func `yes or no`(text: String, value: Bool?)
    {
        #expect(read(text, as: .boolean) == value)
    }

    @Test(
        arguments: [
            ("red", "red"), ("Red", nil), ("red green", nil), ("", nil),
        ] as [(String, String?)]) func `a word`(text: String, value: String?)
    {
        #expect(read(text, as: SettingForm<Colour>.word)?.rawValue == value)
    }

    @Test(
        arguments: [
            ("red blue", ["red", "blue"]), ("blue \t red", ["blue", "red"]), ("red", nil), ("red red", nil),
            ("red, blue", nil), ("red yellow", nil), ("", nil),
        ] as [(String, [String]?)]) func `words`(text: String, value: [String]?)
    {
        #expect(read(text, as: .words(Colour.allCases, atLeast: 2))?.map(\.rawValue) == value)
    }

    @Test(arguments: [
        ("a", true), ("shop-2B", true), (String(repeating: "a", count: 32), true), ("", false), ("A", false),
        ("2a", false), ("-a", false), ("a_b", false), ("a b", false), ("é", false), ("aé", false),
        (String(repeating: "a", count: 33), false),
    ]) func `a name`(text: String, fits: Bool) {
        #expect(read(text, as: .name) == (fits ? text : nil))
    }

    @Test(arguments: [("/", true), ("/etc/key", true), ("etc/key", false), ("./key", false), ("~/key", false)])
    func `an absolute path`(text: String, fits: Bool) {
        #expect(read(text, as: .absolutePath) == (fits ? text : nil))
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.milliseconds(1500), "1500ms"), (.seconds(90), "90s"), (.seconds(120), "2min"),
        (.seconds(86_400), "1d"),
    ]) func `a duration is written in its largest whole unit`(duration: Duration, text: String) {
        #expect(durationText(duration) == text)
    }

    @Test(arguments: [(0, "0"), (1023, "1023"), (1024, "1K"), (1536, "1536"), (64 << 20, "64M"), (4 << 30, "4G")])
    func `a size is written in its largest whole unit`(size: Int, text: String) {
        #expect(sizeText(size) == text)
    }
}
