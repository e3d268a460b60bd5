import Interface
import Platform
import Ports
import Session
import Simulator
import Support
import Testing
import Varlink

@Suite(.serialized, .needsPack) struct VerificationEndToEndTests {
    @Test func `a willing person is verified, and everything is off afterwards`() throws {
        let counter = try CounterHarness()
        do {
            var client = try counter.beginVerify(counter.documentPortrait())
            let (progress, last) = try CounterHarness.follow(&client)
            let outcome = try CounterHarness.outcome(last)
            #expect(outcome.verdict == .verified)
            #expect(outcome.source == .simulator)
            #expect(outcome.transaction == "t-1")
            // The counter's own draw: its seed decides what is asked.
            #expect(outcome.challenge.map(\.instruction.rawValue) == ["turnLeft", "turnRight", "lookUp", "blink"])
            #expect(outcome.layers.challengeResponse == .passed && outcome.layers.depth == .passed)
            #expect(outcome.layers.surface == .undetermined && outcome.layers.injection == .undetermined)
            #expect(progress.map(\.stage).contains(.challenging))
            #expect(progress.compactMap(\.outline).allSatisfy { $0.yawDegrees % 5 == 0 })
            #expect(progress.count > 20)
        }
        try counter.waitUntilIdle()
        #expect(counter.counter.lightState == .dark)
        let status = try counter.status()
        #expect(status.verifications == 1 && status.framesReceived > 60 && status.lastFault == nil)
    }

    @Test func `without more only the outcome comes`() throws {
        let counter = try CounterHarness(.unplug)
        var client = try counter.beginVerify(counter.documentPortrait(), more: false)
        let reply = try client.receive(within: CounterHarness.patience)
        let outcome = try CounterHarness.outcome(reply)
        #expect(outcome.verdict == .undetermined)
        #expect(outcome.reasons == [.cameraFault])
        try counter.waitUntilIdle()
        #expect(try counter.status().lastFault != nil)
        #expect(counter.counter.lightState == .dark)
    }

    @Test func `closing the connection cancels, and counts as a try in the challenge`() throws {
        let counter = try CounterHarness()
        let portrait = counter.documentPortrait()
        do {
            var client = try counter.beginVerify(portrait)
            _ = try CounterHarness.follow(&client) { $0.stage == .challenging }
            #expect(counter.counter.lightState.privacyLamp)
        }
        try counter.waitUntilIdle()
        #expect(counter.counter.lightState == .dark)
        #expect(try counter.status().isReady)
        var again = try counter.beginVerify(portrait)
        #expect(try again.receive(within: CounterHarness.patience).error == "io.portraitd.Counter.RateLimited")
    }

    @Test func `a portrait check that is cancelled holds nobody up, and the device is busy until it ends`() throws {
        let counter = try CounterHarness(.still)
        let portrait = counter.documentPortrait()
        var request = CounterHarness.request
        // A check that ends before the question is no answer.
        let wasBusy = try (0..<10).contains { number in
            request.nonce = "\(number)AAAAAAAAAAAAAAAAAAAAA"
            do { _ = try counter.beginVerify(portrait, request: request) }
            defer { try? counter.waitUntilIdle() }
            return try counter.status().isBusy
        }
        #expect(wasBusy)
        request.nonce = "BAAAAAAAAAAAAAAAAAAAAA"
        var next = try counter.beginVerify(portrait, request: request)
        #expect(try next.receive(within: CounterHarness.patience).error == nil)
    }

    @Test func `a second caller is told at once that the device is busy`() throws {
        // A person who does nothing keeps the device busy for longest.
        let counter = try CounterHarness(.still)
        let portrait = counter.documentPortrait()
        var first = try counter.beginVerify(portrait)
        _ = try CounterHarness.follow(&first) { _ in true }
        var second = try counter.beginVerify(portrait)
        #expect(try second.receive(within: CounterHarness.patience).error == "io.portraitd.Counter.Busy")
        #expect(try counter.status().isBusy)
    }

    @Test(arguments: [
        ("consent", "io.portraitd.Counter.ConsentMissing"), ("nonce", "org.varlink.service.InvalidParameter"),
        ("portrait", "io.portraitd.Counter.ReferenceUnusable"), ("empty", "org.varlink.service.InvalidParameter"),
    ]) func `what cannot serve is refused, and the camera stays off`(what: String, error: String) throws {
        let counter = try CounterHarness()
        var request = CounterHarness.request
        var portrait = counter.documentPortrait()
        switch what {
        case "consent": request.consent = nil
        case "nonce": request.nonce = "short"
        case "empty": portrait = SecureBytes(count: 0, holding: .frames)
        default:
            let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0]
            portrait = unsafe SecureBytes(copying: png.span.bytes, holding: .frames)
        }
        var client = try counter.beginVerify(portrait, request: request)
        let reply = try client.receive(within: CounterHarness.patience)
        #expect(reply.error == error)
        let text = String(decoding: reply.parameters, as: UTF8.self)
        if what == "portrait" { #expect(text.contains("PNG") && text.contains(#""reason":"notJPEG""#)) }
        try counter.waitUntilIdle()
        #expect(counter.counter.truth == nil, "the camera was on")
    }

    @Test func `nothing of portrait and frames stays in memory`() throws {
        // Patterns that stand nowhere else, kept as complements.
        let portraitMark = (0..<48).map { ~UInt8(truncatingIfNeeded: $0 &* 29 &+ 7) }
        let frameMark = FrameMark(complement: (0..<48).map { ~UInt8(truncatingIfNeeded: $0 &* 53 &+ 19) })
        let counter = try CounterHarness(mark: frameMark)
        do {
            let portrait = counter.documentPortrait(markComplement: portraitMark)
            #expect(memoryHolds(complementOf: portraitMark) > 0, "the search finds nothing")
            var client = try counter.beginVerify(portrait)
            let last = try CounterHarness.follow(&client).last
            #expect(try CounterHarness.outcome(last).verdict == .verified)
            #expect(frameMark.wasFound, "the search finds nothing")
        }
        try counter.waitUntilIdle()
        #expect(memoryHolds(complementOf: portraitMark) == 0)
        #expect(memoryHolds(complementOf: frameMark.complement) == 0)
    }
}
