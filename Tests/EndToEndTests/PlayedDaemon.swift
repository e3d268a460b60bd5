import Foundation
import Interface
import Platform
import Varlink

/// A daemon on one socket that gives the answers of a test, where a real one would need hardware for them.
final class PlayedDaemon {
    let path = NSTemporaryDirectory() + "played-\(UUID().uuidString).sock"
    private let waker: Waker
    private var thread: WorkerThread?

    /// `answers` has the parameters of a method's answers by its name; any other method is refused.
    init(_ answers: [String: [[UInt8]]]) throws {
        let waker = try Waker()
        let listener = Handover(try UnixSocket.listen(at: path, mode: 0o600))
        let body: @Sendable () -> Void = { try? Self.serve(answers, listener, waker) }
        self.waker = waker
        self.thread = try WorkerThread(name: "played-daemon", body)
    }

    deinit {
        waker.wake()
        thread = nil
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func serve(_ answers: [String: [[UInt8]]], _ listener: Handover, _ waker: Waker) throws {
        let loop = try EventLoop()
        let server = VarlinkServer(
            loop: loop, identity: .init(vendor: "v", product: "p", version: "1", url: "u"),
            interfaces: try InterfaceTexts.all() + [InterfaceTexts.serviceOnly()],
            secretPath: ["parameters", "request", "portrait"]
        ) { call in
            let name = call.method.split(separator: ".").last.map(String.init) ?? ""
            guard let texts = answers[name], let last = texts.last else { return call.failMethodNotImplemented() }
            for text in texts.dropLast() { call.replyContinuing(text) }
            call.reply(last)
        }
        if let socket = listener.socket.take() { try server.serve(socket) }
        let watch = try waker.attach(to: loop) { loop.stop() }
        try loop.run()
        loop.unwatch(watch)
        server.close()
    }
}
