import Biometrics
import Foundation
import Interface
import Liveness
import Ports
import Session
import Support
import Testing
import Varlink

@Suite struct InterfaceTextTests {
    private func interface(_ name: String) throws -> InterfaceDescription {
        try #require(try InterfaceTexts.all().first { $0.name == name })
    }

    /// Swift names that differ from the interface's.
    private let renamed = ["CaptureSource": "Source"]

    private func compare(
        _ schema: Schema, with interface: InterfaceDescription, besides left: Set<String> = ["ReferenceProblem"]
    ) {
        for (swiftName, type) in schema.types {
            let name = renamed[swiftName] ?? swiftName
            let definition = interface.types.first { $0.name == name }
            #expect(definition?.type == rename(type), "type \(name)")
        }
        for definition in interface.types where !left.contains(definition.name) {
            let isMirrored = schema.types.keys.contains { (renamed[$0] ?? $0) == definition.name }
            #expect(isMirrored, "no Swift type mirrors \(definition.name)")
        }
    }

    private func rename(_ type: Schema.FieldType) -> Schema.FieldType {
        switch type {
        case .named(let name): .named(renamed[name] ?? name)
        case .optional(let inner): .optional(rename(inner))
        case .array(let inner): .array(rename(inner))
        case .structure(let fields): .structure(fields.map { .init(name: $0.name, type: rename($0.type)) })
        case .bool, .int, .float, .string, .object, .enumeration, .map: type
        }
    }

    @Test func `the counter's text and its mirror say the same`() throws {
        let interface = try interface(InterfaceTexts.counter)
        var schema = Schema()
        try schema.read(Counter.Request.self)
        try schema.read(Counter.Progress.self)
        try schema.read(Counter.Outcome.self)
        compare(schema, with: interface)
        #expect(
            interface.types.first { $0.name == "ReferenceProblem" }?.type
                == .enumeration(Counter.ReferenceProblem.allCases.map(\.rawValue)))
    }

    @Test func `the device's text and its mirror say the same`() throws {
        let interface = try interface(InterfaceTexts.device)
        var schema = Schema()
        try schema.read(Device.Status.self)
        try schema.read(Device.Identity.self)
        try schema.read(Device.Holding.self)
        compare(schema, with: interface)
    }

    @Test func `the service's text and its mirror say the same`() throws {
        let interface = try InterfaceTexts.serviceOnly()
        var schema = Schema()
        try schema.read(CameraIdentity.self)
        try schema.read(Technician.Camera.self)
        try schema.read(Technician.Check.self)
        try schema.read(Technician.View.self)
        try schema.read(Technician.Commissioning.self)
        try schema.read(Device.PublicKey.self)
        var lamps = Schema()
        try lamps.read(Technician.LampOutput.self)
        compare(schema, with: interface, besides: ["Lamp"])
        #expect(lamps.types["Lamp"] == interface.types.first { $0.name == "Lamp" }?.type)
    }

    private struct Nothing: Decodable {}

    /// What is read and written for each method.
    private let methods: [String: (input: any Decodable.Type, output: any Decodable.Type)] = [
        "Verify": (Counter.VerifyInput.self, Counter.VerifyOutput.self),
        "GetStatus": (Nothing.self, Device.StatusOutput.self),
        "GetIdentity": (Nothing.self, Device.IdentityOutput.self),
        "GetHoldings": (Nothing.self, Device.HoldingsOutput.self),
        "ReadLog": (Technician.ReadLogInput.self, Technician.ReadLogOutput.self),
        "SetMaintenance": (Technician.MaintenanceInput.self, Technician.MaintenanceOutput.self),
        "ListCameras": (Nothing.self, Technician.CamerasOutput.self),
        "PinCamera": (Nothing.self, Technician.PinOutput.self),
        "TestLights": (Technician.LampInput.self, Technician.LampOutput.self),
        "CalibrateLights": (Nothing.self, Technician.LightCalibrationOutput.self),
        "GetCommissioning": (Nothing.self, Technician.CommissioningOutput.self),
        "ConfirmLamp": (Technician.SeenLampInput.self, Technician.SeenLampsOutput.self),
        "Commission": (Nothing.self, Technician.CommissionOutput.self),
        "Examine": (Nothing.self, Technician.CheckOutput.self),
        "Aim": (Nothing.self, Technician.ViewOutput.self),
    ]

    @Test func `what a method takes and gives is what the text says`() throws {
        func fields(_ type: any Decodable.Type) throws -> Schema.FieldType? {
            var schema = Schema()
            try schema.read(type)
            return schema.types[String(describing: type)].map(rename)
        }
        let described = try InterfaceTexts.all().flatMap(\.methods) + InterfaceTexts.serviceOnly().methods
        #expect(described.count == methods.count)
        for method in described {
            let mirror = try #require(methods[method.name], "\(method.name)")
            #expect(try fields(mirror.input) == .structure(method.input), "\(method.name)")
            #expect(try fields(mirror.output) == .structure(method.output), "\(method.name)")
        }
    }

    @Test func `every type, field, method and error is explained`() throws {
        for interface in try InterfaceTexts.all() + [InterfaceTexts.serviceOnly()] {
            let lines = interface.text.split(separator: "\n", omittingEmptySubsequences: false)
            for (above, line) in zip(lines, lines.dropFirst()) {
                let isField = line.hasPrefix("  ") && !line.hasPrefix("  #")
                let isMember = ["type ", "method ", "error "].contains { line.hasPrefix($0) }
                guard isField || isMember else { continue }
                #expect(above.drop { $0 == " " }.hasPrefix("# "), "\(interface.name): \(line)")
            }
        }
    }

    @Test func `every error that is sent stands in the text with its fields`() throws {
        let camera = CameraFault.missing(name: "front")
        try expect(
            [
                .busy, .consentMissing, .cameraUnavailable(camera), .referenceUnusable(.tooSmall, camera),
                .lightsUnavailable(.chipMissing(chip: "x")), .notReady(camera), .nonceUsed, .transactionVerified,
                .rateLimited(retryAfter: .seconds(2)),
            ], toStandIn: try interface(InterfaceTexts.counter))
        try expect([.notPossible(camera), .logUnreadable(camera)], toStandIn: try InterfaceTexts.serviceOnly())
        #expect(try interface(InterfaceTexts.device).errors.isEmpty)
    }

    private func expect(_ errors: [WireError], toStandIn interface: InterfaceDescription) throws {
        #expect(Set(interface.errors.map(\.name)).count == errors.count)
        for error in errors {
            let name = String(error.name.dropFirst(interface.name.count + 1))
            let definition = try #require(interface.errors.first { $0.name == name }, "\(name)")
            guard case .structure(let fields) = definition.type else {
                Issue.record("\(name) has no fields")
                continue
            }
            let text = String(decoding: WireCoding.encode(error.parameters), as: UTF8.self)
            for field in fields { #expect(text.contains("\"\(field.name)\":"), "\(name) lacks \(field.name)") }
            #expect(text.split(separator: "\":").count == fields.count + 1, "\(name): \(text)")
        }
    }
}

@Suite struct WireCodingTests {
    private let request = Counter.Request(
        transaction: "t", nonce: "n", purpose: "p",
        consent: .init(noticeVersion: "1", givenAt: "2026-01-01T00:00:00Z", method: .onScreen))

    @Test func `a request comes back as it was sent`() throws {
        let input = Counter.VerifyInput(request: request)
        #expect(try WireCoding.decode(Counter.VerifyInput.self, from: WireCoding.encode(input)) == input)
    }

    @Test(arguments: [
        (#"{"request":{}}"#, "transaction"), ("{}", "request"), (#"{"request":1}"#, "request"),
        (
            #"{"request":{"transaction":"t","nonce":"n","purpose":"p","portrait":"","consent":{"noticeVersion":"1","givenAt":"x","method":"shouted"}}}"#,
            "method"
        ),
        (#"{"request":{"transaction":"t","nonce":7,"purpose":"p","portrait":""}}"#, "nonce"),
        (#"{"request":{"transaction":"t","nonce":"n","purpose":"p","portrait":"","colour":"red"}}"#, "colour"),
        (#"{"request":{"transaction":"t","nonce":"n","purpose":"p","portrait":""},"extra":{}}"#, "extra"),
        ("[]", "parameters"),
    ]) func `what does not fit is named`(json: String, name: String) {
        let fault = #expect(throws: WireCoding.InvalidParameter.self) {
            _ = try WireCoding.decode(Counter.VerifyInput.self, from: Array(json.utf8))
        }
        #expect(fault?.name == name)
    }

    @Test func `a member without a value is none, and in lists nothing is let through either`() throws {
        let request = #"{"transaction":"t","nonce":"n","purpose":"p","portrait":"","colour":null}"#
        #expect(throws: Never.self) {
            _ = try WireCoding.decode(Counter.VerifyInput.self, from: Array(#"{"request":\#(request)}"#.utf8))
        }
        let holding = #"{"content":"keys","byteCount":1,"place":"p","until":"u"}"#
        let odd = #"{"content":"keys","byteCount":1,"place":"p","until":"u","colour":"red"}"#
        #expect(throws: WireCoding.InvalidParameter(name: "colour")) {
            _ = try WireCoding.decode(
                Device.HoldingsOutput.self, from: Array(#"{"holdings":[\#(holding),\#(odd)]}"#.utf8))
        }
    }

    @Test func `refusing what is not known takes little longer than reading it`() throws {
        let ones = Array(repeating: "1", count: 30_000).joined(separator: ",")
        let request = #"{"transaction":"t","nonce":"n","purpose":"p","portrait":"","x":[\#(ones)]}"#
        let json = Array(#"{"request":\#(request)}"#.utf8)
        let reading = try processorTime { _ = try JSONDecoder().decode(Counter.VerifyInput.self, from: Data(json)) }
        let refusing = processorTime {
            #expect(throws: WireCoding.InvalidParameter(name: "x")) {
                _ = try WireCoding.decode(Counter.VerifyInput.self, from: json)
            }
        }
        #expect(refusing < reading * 10, "\(refusing) against \(reading)")
    }

    @Test func `an outcome tells no score and leaves out what is not there`() {
        let outcome = Session.Outcome(
            verdict: .refer, reasons: [.comparisonUndetermined], steps: [],
            layers: LivenessLayers(challengeResponse: .bonaFide))
        let wire = Counter.Outcome(
            outcome, transaction: "t", source: .simulator, thresholdSet: "s", duration: .milliseconds(5200))
        let text = String(decoding: WireCoding.encode(wire), as: UTF8.self)
        #expect(text.contains(#""durationMilliseconds":5200"#))
        #expect(text.contains(#""challengeResponse":"passed""#))
        #expect(!text.contains("receipt") && !text.contains("null"))
    }
}
