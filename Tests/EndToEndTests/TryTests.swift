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
}
