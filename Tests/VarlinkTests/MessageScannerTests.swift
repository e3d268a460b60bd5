import Foundation
import Platform
import Support
import Testing
import Varlink

@Suite struct MessageScannerTests {
    private let path = ["parameters", "request", "portrait"]

    private func scan(_ text: String, longestText: Int = .max) throws(WireFault) -> ScannedMessage {
        let bytes = Array(text.utf8)
        return try unsafe MessageScanner.scan(bytes.span.bytes, secretPath: path, longestText: longestText)
    }

    private func secret(_ message: consuming ScannedMessage) -> [UInt8]? {
        guard let secret = message.secret.take() else { return nil }
        return secret.withBytes { bytes in
            (0..<secret.count).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }

    @Test func `a call is read with its flags`() throws {
        let message = try scan(#" {"method":"a.B","more":true,"parameters":{"x":[1,-2.5e3,null,"é\n"]}} "#)
        #expect(message.method == "a.B")
        #expect(message.wantsMore && !message.isOneway)
        #expect(message.parameters == Array(#"{"x":[1,-2.5e3,null,"é\n"]}"#.utf8))
        #expect(secret(message) == nil)
    }

    @Test(
        arguments: [
            ("", []), ("AA", [0]), ("AA==", [0]), ("AAE", [0, 1]), ("AAE=", [0, 1]), ("AAEC", [0, 1, 2]),
            ("+/+/", [0xFB, 0xFF, 0xBF]), ("-_-_", [0xFB, 0xFF, 0xBF]), (#"\u0041AEC"#, [0, 1, 2]),
            // As .NET and PHP escape them.
            (#"\u002B\/\u002b\/"#, [0xFB, 0xFF, 0xBF]),
        ] as [(String, [UInt8])]) func `the secret is decoded and cut out`(base64: String, expected: [UInt8]) throws
    {
        // An escaped name is the same name, so that a secret cannot hide behind it.
        for name in ["portrait", #"p\u006frtrait"#] {
            let message = try scan(
                #"{"parameters":{"request":{"a":1,"\#(name)":"\#(base64)","b":"portrait"}},"method":"a.B"}"#)
            #expect(
                String(decoding: message.parameters, as: UTF8.self)
                    == #"{"request":{"a":1,"\#(name)":"","b":"portrait"}}"#)
            #expect(secret(message) == expected)
        }
    }

    @Test(arguments: [
        #""SGVsbG8==""#, #""A""#, #""AB""#, #""AAB""#, #""AA=A""#, #""AAAA=""#, #""SGVs bG8=""#, #""SGVs\nbG8=""#,
        #""SGVsbG8\u00e9""#, "\"SGVsbG8\u{e9}\"", "7", "null", #"["QUFB"]"#, #"{"portrait":"QUFB"}"#,
        #""QUFB","portrait":"QUFB""#, #""QUFB"},"request":{"portrait":"QUFB""#,
    ])
    func `a secret that is not one string in base64 is refused by its name`(value: String) {
        #expect(throws: WireFault.badSecret(parameter: "portrait")) {
            _ = try scan(#"{"parameters":{"request":{"portrait":\#(value)}},"method":"a.B"}"#)
        }
    }

    @Test(arguments: [
        #"{"portrait":"QUFB"}"#, #"{"request":[{"portrait":"QUFB"}]}"#, #"{"request.portrait":"QUFB"}"#,
        #"{"request":{"portraits":"QUFB","portrai":"QUFB","":"QUFB"}}"#,
    ])
    func `only the named place holds a secret`(parameters: String) throws {
        let message = try scan(#"{"method":"a.B","parameters":\#(parameters)}"#)
        #expect(message.parameters == Array(parameters.utf8))
        #expect(secret(message) == nil)
    }

    @Test func `long text is refused where a secret of that length is not`() throws {
        let long = String(repeating: "A", count: 400)
        let message = try scan(#"{"parameters":{"request":{"portrait":"\#(long)"}}}"#, longestText: 100)
        #expect(secret(message)?.count == 300)
        #expect(throws: WireFault.textTooLong(limit: 100)) {
            _ = try scan(#"{"parameters":{"request":{"picture":"\#(long)"}}}"#, longestText: 100)
        }
    }

    @Test func `values of every kind pass unchanged`() throws {
        for value in [
            "0", "-0", "12", "1.5", "-1.25e+10", "1E-2", "true", "false", "null", "[]", "{}", "[ 1 , [ ] ]", "\"\"",
            #""\"\\\/\b\f\n\r\t\u0000\uD83D\ude00""#, "\"\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\"",
            #"{"a":{"a":1},"b":[{"a":2}]}"#, String(repeating: "[", count: 30) + String(repeating: "]", count: 30),
        ] {
            let message = try scan(#"{"method":"a.B","parameters":{"x":\#(value)}}"#)
            #expect(message.parameters == Array(#"{"x":\#(value)}"#.utf8))
        }
    }

    @Test(arguments: [
        "", " ", "01", "1.", ".5", "-", "+1", "1e", "1e+", "tru", "nul", "True", "NaN", "'a'", "[1,]", "[,1]", "[1 2]",
        "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}", #"{"a":1 "b":2}"#, "]", "[}", "\"", "\"\\", #""\x""#,
        #""\u12g4""#, #""\uD800""#, #""\uDC00""#, #""\uD800\u0041""#, #""\uD800x""#, "\"\t\"", "1//", "1 2",
        String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
    ]) func `a value that is no JSON is refused`(value: String) {
        #expect(throws: WireFault.self) { _ = try scan(#"{"method":"a.B","parameters":{"x":\#(value)}}"#) }
    }

    @Test(arguments: [
        "", "[]", "{", "{}{}", #"{"method":1}"#, #"{"method":"a.B",}"#, #"{"method" "a.B"}"#, #"{"method":"a.B"} x"#,
        #"{"parameters":[]}"#, #"{"more":1}"#, #"{"upgrade":true}"#, #"{"other":1}"#, #"{"parameters":{"a":01}}"#,
        #"{"parameters":{"a":+1}}"#, #"{"parameters":{"a":1.}}"#, #"{"parameters":{"a":tru}}"#,
        #"{"parameters":{"a":"\x"}}"#, "{\"parameters\":{\"a\":\"\u{1}\"}}", #"{"parameters":{"a":"\u12G4"}}"#,
        #"{"method":"a","method":"b"}"#, #"{"parameters":{"a":-}}"#, #"{"parameters":{"a":}}"#,
    ]) func `malformed messages are refused`(text: String) {
        #expect(throws: WireFault.self) { _ = try scan(text) }
    }

    @Test func `deep nesting and bad UTF-8 are refused`() throws {
        #expect(throws: WireFault.self) { _ = try scan(String(repeating: "[", count: 100_000)) }
        #expect(throws: WireFault.self) { _ = try scan(#"{"parameters":\#(String(repeating: #"{"a":"#, count: 40))1"#) }
        for bad: [UInt8] in [
            [0x80], [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
        ] {
            let bytes = Array(#"{"method":""#.utf8) + bad + Array(#""}"#.utf8)
            #expect(throws: WireFault.self) { _ = try unsafe MessageScanner.scan(bytes.span.bytes, secretPath: nil) }
        }
    }

    @Test func `what is accepted after random damage is JSON to others too`() throws {
        let text = Array(
            #"{"method":"a.B","more":true,"parameters":{"n":[1.5e-3,-0,null,{}],"request":{"portrait":"QUFB"},"é":"\u00e9"}}"#
                .utf8)
        let signs = Array(#"{}[]",:\u0019eE+-. tfn"#.utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC3, 0xE2, 0xF4, 0xFF]
        var generator = SeededGenerator(seed: 1)
        var acceptedCount = 0
        for _ in 0..<5000 {
            var damaged = text
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<damaged.count, using: &generator)
                switch UInt8.random(in: 0..<3, using: &generator) {
                case 0: damaged[place] = signs[Int.random(in: 0..<signs.count, using: &generator)]
                case 1: damaged.insert(signs[Int.random(in: 0..<signs.count, using: &generator)], at: place)
                default: damaged.remove(at: place)
                }
            }
            guard let message = try? unsafe MessageScanner.scan(damaged.span.bytes, secretPath: path) else { continue }
            acceptedCount += 1
            let parameters = message.parameters
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(parameters)) }
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(damaged)) }
        }
        #expect(acceptedCount > 250)
    }

    @Test func `every prefix of a message is refused, not followed`() throws {
        let text = #"{"method":"a.B","parameters":{"request":{"portrait":"QUFB","n":[1.5e-3,true,"\u00e9"]}}}"#
        for count in 0..<text.utf8.count {
            #expect(throws: WireFault.self) {
                _ = try scan(String(decoding: Array(text.utf8.prefix(count)), as: UTF8.self))
            }
        }
        _ = try scan(text)
    }
}

@Suite struct InterfaceDescriptionTests {
    @Test func `types, methods and errors are read`() throws {
        let text = """
            # A comment (with, signs)
            interface org.example.more
            type State (start: ?bool, kinds: []Kind, extra: [string](a: int, b: float)) # after
            type Kind (one, two)
            method Ping(ping: string) -> (pong: object)
            method Stop() -> ()
            error Failed (reason: Kind)
            """
        let interface = try InterfaceDescription(text: text)
        #expect(interface.name == "org.example.more")
        #expect(interface.methods.map(\.name) == ["Ping", "Stop"])
        #expect(interface.types[1].type == .enumeration(["one", "two"]))
        #expect(
            interface.types[0].type
                == .structure([
                    .init(name: "start", type: .optional(.bool)), .init(name: "kinds", type: .array(.named("Kind"))),
                    .init(
                        name: "extra",
                        type: .map(.structure([.init(name: "a", type: .int), .init(name: "b", type: .float)]))),
                ]))
        #expect(interface.errors.map(\.name) == ["Failed"])
    }

    @Test(arguments: ["", "interface", "interface a.b type", "interface a.b method X() (a: int)", "interface a.b x Y"])
    func `a bad text is a fault with its line`(text: String) {
        #expect(throws: InterfaceDescription.Fault.self) { _ = try InterfaceDescription(text: text) }
    }

    @Test(arguments: ["?", "[]", "[string]", "(a: "])
    func `a type of too many levels is a fault`(level: String) {
        let text = "interface a.b\ntype T " + String(repeating: level, count: 100_000) + "int"
        #expect(throws: InterfaceDescription.Fault.self) { _ = try InterfaceDescription(text: text) }
    }
}
