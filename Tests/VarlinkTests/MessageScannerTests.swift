import Platform
import Testing
import Varlink

@Suite struct MessageScannerTests {
    private let path = ["parameters", "request", "portrait"]

    private func scan(_ text: String) throws(WireFault) -> ScannedMessage {
        let bytes = Array(text.utf8)
        return try unsafe MessageScanner.scan(bytes.span.bytes, secretPath: path)
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

    @Test(arguments: [
        ("SGVsbG8=", "Hello"), ("SGVsbG8", "Hello"), ("", ""), ("_-8", "\u{0}"), (#"\/\/\/\/"#, "\u{0}"),
    ]) func `the secret is decoded and cut out`(base64: String, expected: String) throws {
        let message = try scan(
            #"{"parameters":{"request":{"a":1,"portrait":"\#(base64)","b":"portrait"}},"method":"a.B"}"#)
        #expect(
            String(decoding: message.parameters, as: UTF8.self) == #"{"request":{"a":1,"portrait":"","b":"portrait"}}"#)
        let found = secret(message)
        if expected != "\u{0}" { #expect(found == Array(expected.utf8)) } else { #expect(found?.first == 0xFF) }
    }

    @Test(arguments: ["SGVsbG8==", "A", "AA=A", "SGVs bG8=", #"SG\u0056s"#, "SGVsbG8\u{e9}"])
    func `what is not base64 is refused by the parameter's name`(base64: String) {
        #expect(throws: WireFault.badSecret(parameter: "portrait")) {
            _ = try scan(#"{"parameters":{"request":{"portrait":"\#(base64)"}},"method":"a.B"}"#)
        }
    }

    @Test func `a secret cannot hide behind a second member or an escaped name`() {
        #expect(throws: WireFault.badSecret(parameter: "portrait")) {
            _ = try scan(#"{"method":"a.B","parameters":{"request":{"portrait":"QUFB","portrait":"QUFB"}}}"#)
        }
        #expect(throws: WireFault.self) {
            _ = try scan(#"{"method":"a.B","parameters":{"request":{"portr\u0061it":"QUFB"}}}"#)
        }
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
        for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
            let bytes = Array(#"{"method":""#.utf8) + bad + Array(#""}"#.utf8)
            #expect(throws: WireFault.self) { _ = try unsafe MessageScanner.scan(bytes.span.bytes, secretPath: nil) }
        }
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
}
