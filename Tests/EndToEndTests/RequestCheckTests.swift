import Configuration
import Interface
import Platform
import Service
import Testing

@Suite struct RequestCheckTests {
    /// The error's parameters; `nil` when the request is taken.
    private func refusal(nonce: String) -> WireError.Parameters? {
        var request = CounterHarness.request
        request.nonce = nonce
        do throws(RequestRefusal) {
            _ = try check(request, Configuration())
            return nil
        } catch {
            guard case .refused(let error) = error else { return nil }
            #expect(error.name == "org.varlink.service.InvalidParameter")
            return error.parameters
        }
    }

    @Test(arguments: 16...64) func `a nonce of 16 to 64 bytes serves`(count: Int) {
        #expect(refusal(nonce: Base64URL.string([UInt8](repeating: 0xFF, count: count))) == nil)
    }

    /// 22 digits have 132 bits: as random ones, they stand for 16 bytes once in 16 times.
    @Test(arguments: [
        "", "AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAA_", "AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAAA", "+/AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA\u{E4}",
        String(repeating: "A", count: 87),
    ]) func `a nonce that stands for no such bytes is refused, and what to send is told`(nonce: String) {
        let told = refusal(nonce: nonce)
        #expect(told?.parameter == "nonce")
        #expect(told?.remedy == "Send base64url of 16 to 64 random bytes, without padding.")
    }
}
