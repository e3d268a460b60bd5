import Glibc
import Interface
import Platform
import Rendering
import Simulator
import Varlink

/// A second client at a simulated counter: it keeps the device busy for a while with verifications of its own.
final class OtherTill {
    private let setup: CounterSetup
    private let portrait: Portrait
    private var thread: WorkerThread?

    init(_ setup: CounterSetup, portrait: Portrait) {
        self.setup = setup
        self.portrait = portrait
    }

    /// Calls the service at `socket` one time after another, and hangs up when its time is over.
    func begin(at socket: String) throws(Errno) {
        let (setup, portrait) = (setup, portrait)
        let body: @Sendable () -> Void = {
            let end = Timestamp.now() + setup.otherTillTime
            while Self.verify(at: socket, setup, portrait, until: end) {}
        }
        thread = try WorkerThread(name: "other-till", body)
    }

    /// False when the service did not answer with an outcome in time.
    private static func verify(
        at socket: String, _ setup: CounterSetup, _ portrait: Portrait, until end: Timestamp
    ) -> Bool {
        let request = Counter.Request(
            transaction: "other-till-\(end.nanoseconds)-\(Timestamp.now().nanoseconds)", nonce: nonce(),
            purpose: "simulation",
            consent: .init(noticeVersion: "simulation", givenAt: "2026-01-01T00:00:00Z", method: .onScreen))
        let message = secretCall(
            "\(InterfaceTexts.counter).Verify",
            parameters: String(decoding: WireCoding.encode(Counter.VerifyInput(request: request)), as: UTF8.self),
            name: "portrait", secret: IDPortrait.jpeg(of: setup.person, in: portrait, seed: setup.seed), more: false)
        guard let message else { return false }
        do throws(ClientFault) {
            var client = try VarlinkClient(connecting: socket)
            try client.send(message: message, within: end - .now())
            return try client.receive(within: end - .now()).error == nil
        } catch {
            return false
        }
    }

    /// 16 bytes in base64url.
    private static func nonce() -> String {
        Base64URL.string((0..<16).map { _ in UInt8.random(in: 0...255) })
    }
}
