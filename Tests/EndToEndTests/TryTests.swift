import Foundation
import Interface
import Platform
import Ports
import Support
import Testing
import Varlink

/// What counts as a try, and outlives the process.
@Suite(.serialized, .needsPack) struct TryTests {
    @Test func `a challenge that is broken off is a try, and a restart forgets neither it nor its nonce`() throws {
        let first = try CounterHarness()
        first.keepsState = true
        do {
            var client = try first.beginVerify(first.documentPortrait())
            _ = try CounterHarness.follow(&client) { $0.stage == .challenging }
        }
        try first.waitUntilIdle()
        first.stop()
        let kept = try String(contentsOfFile: "\(first.state)/tries", encoding: .utf8)
        for key in ["failureAgesSeconds", "remainingPauseSeconds"] { #expect(kept.contains("\"\(key)\":")) }
        let second = try CounterHarness(state: first.state)
        func refusal(transaction: String) throws -> String? {
            var request = CounterHarness.request
            request.transaction = transaction
            var client = try second.beginVerify(second.documentPortrait(), request: request, more: false)
            return try client.receive(within: CounterHarness.patience).error
        }
        #expect(try refusal(transaction: "t-1") == "io.portraitd.Counter.RateLimited")
        #expect(try refusal(transaction: "t-2") == "io.portraitd.Counter.NonceUsed")
    }

    @Test func `a sale whose record cannot be kept may be tried again after a restart`() throws {
        let first = try CounterHarness()
        first.keepsState = true
        let (head, aside) = ("\(first.state)/rehearsal/head", "\(first.state)/aside")
        var client = try first.beginVerify(first.documentPortrait())
        _ = try CounterHarness.follow(&client) { _ in true }
        // The record and the tries can be written, the head cannot.
        try FileManager.default.moveItem(atPath: head, toPath: aside)
        try FileManager.default.createDirectory(atPath: head, withIntermediateDirectories: false)
        #expect(try CounterHarness.follow(&client).last.error == "io.portraitd.Counter.NotReady")
        first.stop()
        try FileManager.default.removeItem(atPath: head)
        try FileManager.default.moveItem(atPath: aside, toPath: head)
        let second = try CounterHarness(state: first.state)
        var request = CounterHarness.request
        request.nonce = "BAAAAAAAAAAAAAAAAAAAAA"
        var again = try second.beginVerify(second.documentPortrait(), request: request)
        #expect(try again.receive(within: CounterHarness.patience).error == nil)
    }
}
