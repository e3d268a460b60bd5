import Configuration
import Evidence
import Foundation
import Interface
import Platform
import Ports
import Session
import Settings
import Simulator
import Support
import Testing
import Varlink

@Suite(.serialized, .needsPack) struct EvidenceEndToEndTests {
    /// Runs one verification to its end.
    private func verify(
        _ counter: CounterHarness, _ request: Counter.Request = CounterHarness.request
    ) throws -> Counter.Outcome {
        var client = try counter.beginVerify(counter.documentPortrait(), request: request)
        return try CounterHarness.outcome(try CounterHarness.follow(&client).last)
    }

    /// Reads a receipt with the key that the device names.
    private func receipt(
        _ outcome: Counter.Outcome, _ counter: CounterHarness
    ) throws -> (kind: StatementKind, statement: Statement<ReceiptClaims>) {
        let wire = try #require(try counter.ask("GetIdentity", Device.IdentityOutput.self).identity.key)
        let key = try #require(Base64URL.decode(wire.x).flatMap { PublicKey(copying: $0) })
        #expect(JSONWebKey(key).kid == wire.kid)
        var reader = JSONWebSignatureReader()
        reader.trust(key)
        let text = Array(try #require(outcome.receipt).utf8)
        let kind = try #require(reader.read(text.span)?.kind)
        return (kind, try #require(Statement<ReceiptClaims>(json: reader.claims)))
    }

    private func configuration(_ text: String) throws -> Configuration {
        try Configuration(files: [SettingsFile(name: "test.conf", text: Array(text.utf8))])
    }

    @Test func `a receipt says what was asked, found and kept, and stands in the log`() throws {
        let counter = try CounterHarness()
        let outcome = try verify(counter)
        let (kind, statement) = try receipt(outcome, counter)
        let (link, claims) = (statement.link, statement.content)
        #expect(kind == .rehearsal && claims.source == .simulator)
        #expect(claims.transaction == "t-1" && claims.nonce == CounterHarness.request.nonce)
        #expect(claims.verdict == "verified" && claims.challenge.allSatisfy(\.responded))
        #expect(claims.layers["challengeResponse"] == "passed" && claims.layers["light"] == "passed")
        #expect(claims.policy.name == "default" && claims.consent.method == "onScreen")
        #expect(link.sequence == outcome.sequence)
        let portrait = counter.documentPortrait().withBytes { Digest(of: $0) }
        let nonce = Digest(of: [UInt8](repeating: 0, count: 16))
        #expect(claims.portraitBinding == Base64URL.string(Digest(of: nonce.bytes + portrait.bytes).bytes))
        try counter.waitUntilIdle()
        let summary = try auditLog(
            at: "\(counter.state)/rehearsal", keyName: nil,
            anchor: Head(of: try #require(outcome.receipt), sequence: link.sequence))
        #expect(summary.isAnchored && summary.receiptCount == 1)
    }

    @Test func `a commissioned device never signs a simulated person with its key`() throws {
        let counter = try CounterHarness(commissioned: true)
        let outcome = try verify(counter)
        let identity = try counter.ask("GetIdentity", Device.IdentityOutput.self).identity
        #expect(identity.isRehearsal && identity.device != nil)
        #expect(try receipt(outcome, counter).kind == .rehearsal)
        let device = try KeyFile.read("\(counter.state)/device.key").publicKey
        #expect(JSONWebKey(device).kid != identity.key?.kid)
        #expect(!FileManager.default.fileExists(atPath: "\(counter.state)/log"))
    }

    @Test func `a policy decides the challenge, and the receipt names it`() throws {
        let counter = try CounterHarness(
            configuration: try configuration("[Policy seated]\nSteps=lookUp blink\nStepCount=2\nLight=no\n"))
        var request = CounterHarness.request
        request.policy = "seated"
        let outcome = try verify(counter, request)
        #expect(outcome.challenge.allSatisfy { [.lookUp, .blink].contains($0.instruction) })
        #expect(try receipt(outcome, counter).statement.content.policy.name == "seated")
        request.policy = "standing"
        var client = try counter.beginVerify(counter.documentPortrait(), request: request)
        let refusal = try client.receive(within: CounterHarness.patience)
        #expect(String(decoding: refusal.parameters, as: UTF8.self).contains("policy"))
    }

    @Test func `a template leaves only sealed, and only where policy and key say so`() throws {
        let key = NSTemporaryDirectory() + "operator-\(UUID().uuidString)"
        // X25519's base point is a public key like any other.
        try Data((Data([9]) + Data(count: 31)).base64EncodedString().utf8).write(to: URL(filePath: key))
        defer { try? FileManager.default.removeItem(atPath: key) }
        let counter = try CounterHarness(
            configuration: try configuration("[Policy sealed]\nTemplate=yes\nTemplateKey=\(key)\n"))
        let plain = try verify(counter)
        #expect(plain.template == nil)
        #expect(try !receipt(plain, counter).statement.content.sealedTemplate)
        var request = CounterHarness.request
        (request.policy, request.transaction, request.nonce) = ("sealed", "t-2", "AAAAAAAAAAAAAAAAAAAAAQ")
        let sealed = try verify(counter, request)
        #expect(sealed.template.flatMap(Base64URL.decode)?.count == 128 * 4 + 48)
        #expect(try receipt(sealed, counter).statement.content.sealedTemplate)
    }

    @Test func `without a place for the record nothing is verified and the camera stays off`() throws {
        let counter = try CounterHarness()
        try FileManager.default.createDirectory(atPath: "\(counter.state)/rehearsal", withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: "\(counter.state)/rehearsal/head.new"))
        try FileManager.default.createDirectory(
            atPath: "\(counter.state)/rehearsal/000000000007.log", withIntermediateDirectories: true)
        var client = try counter.beginVerify(counter.documentPortrait())
        let refusal = try client.receive(within: CounterHarness.patience)
        #expect(refusal.error == "io.portraitd.Counter.NotReady")
        #expect(try !counter.status().isReady)
        #expect(try counter.status().evidence.problem?.contains("rehearsal") == true)
        #expect(counter.counter.truth == nil, "the camera was on")
    }

    @Test func `a verdict without a record is named nowhere, and the health tells it`() throws {
        let daemon = try RunningDaemon("device/scenarios/impostor.conf")
        var client = try CounterHarness.beginVerify(at: daemon.socket, try RunningDaemon.documentPortrait())
        _ = try CounterHarness.follow(&client) { $0.stage == .challenging }
        // As on a disk that fills up meanwhile: the record finds no room for the head beside it.
        try FileManager.default.createDirectory(
            atPath: "\(daemon.state)/rehearsal/head.new", withIntermediateDirectories: false)
        #expect(try CounterHarness.follow(&client).last.error == "io.portraitd.Counter.NotReady")
        try wait { daemon.log.contains("event: verification-ended, not recorded") }
        #expect(!daemon.log.contains("verdict") && !daemon.log.contains("notMatched"), "\(daemon.log)")
        let health = try CounterHarness.status(at: daemon.socket).health
        #expect(health?.reasons.contains(.lastVerificationFailed) == true)
    }

    @Test func `the key's file is told where there is one`() throws {
        let counter = try CounterHarness(commissioned: true)
        let key = try counter.ask("GetHoldings", Device.HoldingsOutput.self).holdings.first {
            $0.place == "\(counter.state)/device.key"
        }
        #expect(key?.content == .keys && key?.byteCount ?? 0 > 32 && key?.until == "the device is decommissioned")
    }

    /// In a process of its own, whose limits nobody else should have.
    @Test func `memory that is not locked is told as such`() async {
        await #expect(processExitsWith: .success) {
            let counter = try CounterHarness()
            func places() throws -> Set<String> {
                Set(try counter.ask("GetHoldings", Device.HoldingsOutput.self).holdings.map(\.place))
            }
            let before = try places()
            precondition(before.contains("locked memory"))
            // Root may lock beyond the limit, so be somebody else meanwhile.
            var limit = rlimit()
            unsafe setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
            let user = geteuid()
            seteuid(65534)
            let unlocked = SecureBytes(count: 64, holding: .messages)
            seteuid(user)
            let after = try places()
            precondition(after.contains("memory that is not locked") && !after.contains("locked memory"))
            _ = consume unlocked
        }
    }

    // MARK: Tries

    private func refusal(
        _ counter: CounterHarness, transaction: String, nonce: String
    ) throws -> (name: String, parameters: WireError.Parameters) {
        var request = CounterHarness.request
        (request.transaction, request.nonce) = (transaction, nonce)
        var client = try counter.beginVerify(counter.documentPortrait(), request: request, more: false)
        let reply = try client.receive(within: CounterHarness.patience)
        let error = try #require(reply.error, "it is not refused")
        return (error, try WireCoding.decode(WireError.Parameters.self, from: reply.parameters))
    }

    @Test func `a nonce serves once, a verified transaction is over, and a restart forgets neither`() throws {
        let first = try CounterHarness()
        let (state, nonce) = (first.state, CounterHarness.request.nonce)
        first.keepsState = true
        #expect(try verify(first).verdict == .verified)
        #expect(try refusal(first, transaction: "t-2", nonce: nonce).name == "io.portraitd.Counter.NonceUsed")
        #expect(
            try refusal(first, transaction: "t-1", nonce: "AAAAAAAAAAAAAAAAAAAAAQ").name
                == "io.portraitd.Counter.TransactionVerified")
        first.stop()
        let second = try CounterHarness(state: state)
        #expect(try refusal(second, transaction: "t-2", nonce: nonce).name == "io.portraitd.Counter.NonceUsed")
        #expect(
            try refusal(second, transaction: "t-1", nonce: "AAAAAAAAAAAAAAAAAAAAAg").name
                == "io.portraitd.Counter.TransactionVerified")
    }

    @Test func `a failed try makes the next one wait, and a restart does not cut that short`() throws {
        let configuration = try configuration("[Limits]\nPauseAfterFailure=60s\n[Policy default]\nLight=no\n")
        let first = try CounterHarness(.impostor, configuration: configuration)
        let state = first.state
        first.keepsState = true
        #expect(try verify(first).verdict == .notMatched)
        let refused = try refusal(first, transaction: "t-1", nonce: "AAAAAAAAAAAAAAAAAAAAAQ")
        #expect(refused.name == "io.portraitd.Counter.RateLimited")
        #expect((59_000...60_001).contains(refused.parameters.retryAfterMilliseconds ?? 0))
        #expect(refused.parameters.remedy.contains("60 s"))
        first.stop()
        let second = try CounterHarness(.impostor, configuration: configuration, state: state)
        let again = try refusal(second, transaction: "t-1", nonce: "AAAAAAAAAAAAAAAAAAAAAg")
        #expect(again.name == "io.portraitd.Counter.RateLimited")
        #expect(again.parameters.retryAfterMilliseconds ?? 0 > 59_000)
    }

    /// In a process of its own, since all tests of a process share the counts.
    @Test func `what is held is counted, and nothing of a person is held when the receipt is signed`() async {
        await #expect(processExitsWith: .success) {
            let counter = try CounterHarness()
            func held() throws -> [Device.Content: Int] {
                let holdings = try counter.ask("GetHoldings", Device.HoldingsOutput.self).holdings
                return Dictionary(uniqueKeysWithValues: holdings.map { ($0.content, $0.byteCount) })
            }
            var client = try counter.beginVerify(counter.documentPortrait())
            _ = try CounterHarness.follow(&client) { $0.stage == .challenging }
            let during = try held()
            precondition(during[.frames] ?? 0 > 1 << 20 && during[.networks] ?? 0 > 1 << 20)
            precondition(during[.templates] ?? 0 >= 1024)
            let outcome = try CounterHarness.outcome(try CounterHarness.follow(&client).last)
            var reader = JSONWebSignatureReader()
            let text = Array((outcome.receipt ?? "").utf8)
            precondition(reader.readUnchecked(text.span))
            precondition(Statement<ReceiptClaims>(json: reader.claims)?.content.retained == [])
            try counter.waitUntilIdle()
            let after = try held()
            let ofPersons: [Device.Content] = [.frames, .portrait, .templates, .networks]
            precondition(ofPersons.allSatisfy { after[$0] == nil })
            precondition(after[.receipts] ?? 0 > 1000)
        }
    }
}
