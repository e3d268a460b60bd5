import Configuration
import Interface
import Service

/// The parameters of calls and replies, as the daemon and the client decode them.
struct RequestTarget: FuzzTarget {
    static let name = "request"
    static let longest = 64 << 10

    static var seeds: [[UInt8]] {
        let consent = #"{"noticeVersion":"3","givenAt":"2026-11-24T10:31:00.5+07:00","method":"onScreen"}"#
        let request = #"{"transaction":"t","nonce":"AAAAAAAAAAAAAAAAAAAAAAAA","purpose":"p","portrait":"""#
        let outline = #"{"box":{"x":1,"y":2,"width":3.5,"height":4},"yawDegrees":-5,"pitchDegrees":0,"rollDegrees":1}"#
        return [
            #"{"request":\#(request),"consent":\#(consent),"policy":"default"}}"#,
            #"{"progress":{"stage":"framing","remainingMilliseconds":9,"advice":["moveCloser"],"outline":\#(outline)}}"#,
            #"{"problem":"p","remedy":"r","reason":"noFace","retryAfterMilliseconds":5}"#,
            #"{"status":{"isReady":true,"camera":{"name":"c","isReady":false,"problem":"p","remedy":"r"}}}"#,
        ].map { Array($0.utf8) }
    }

    func run(_ bytes: [UInt8]) {
        if let input = decode(Counter.VerifyInput.self, bytes) { _ = try? check(input.request, Configuration()) }
        _ = decode(Counter.VerifyOutput.self, bytes)
        _ = decode(Device.StatusOutput.self, bytes)
        _ = decode(WireError.Parameters.self, bytes)
    }

    private func decode<Value: Codable & Hashable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        guard let value = try? WireCoding.decode(type, from: bytes) else { return nil }
        let again = try? WireCoding.decode(type, from: WireCoding.encode(value))
        precondition(again == value, "what was understood can be said again")
        return value
    }
}
