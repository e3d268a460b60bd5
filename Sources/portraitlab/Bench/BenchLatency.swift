import Configuration
import Evidence
import Faces
import Foundation
import Frames
import Glibc
import Interface
import Platform
import Ports
import Service
import Session
import Synchronization
import Varlink
import Workshop

/// Measures from the moment a frame is delivered to the moment its reply has been read from the socket.
///
/// The interface does not carry frames' times, so the real service, loop and server run on a thread of this program
/// behind a camera that plays frames from memory and notes when it handed each one over. A reply names its frame by
/// `remainingMilliseconds`, which counts down from the start of the capture by the frames' own times; that holds as
/// long as no challenge begins, so only frames with a turned head are played. Both eyes are read on each of them.
func benchLatency(_ clip: BenchClip, pack: ModelPack, seconds: Double, _ printer: FigurePrinter) throws {
    let name = "frame delivered to reply read"
    let turned = clip.frames.filter { abs($0.yaw ?? 0) > 14 }.map(\.bytes)
    guard turned.count >= 8 else {
        return try printer.show(Figure(name, notMeasured: "the clip has \(turned.count) frames with a turned head"))
    }
    let camera = MemoryCamera(frames: turned, format: clip.format)
    let daemon = try InnerDaemon(camera: camera, pack: pack)
    var replies: [(time: Timestamp, remaining: Int)] = []
    var client = try VarlinkClient(connecting: daemon.socket)
    try client.send(message: try VerifyMessage.make(portrait: clip.portrait.bytes), within: .seconds(5))
    let end = Timestamp.now() + .nanoseconds(Int64(seconds * 1e9))
    while Timestamp.now() < end {
        let reply = try client.receive(within: .seconds(10))
        let time = Timestamp.now()
        let output = try WireCoding.decode(Counter.VerifyOutput.self, from: reply.parameters)
        guard let progress = output.progress else { break }
        if progress.step == nil { replies.append((time, progress.remainingMilliseconds)) }
    }
    let delivered = camera.deliveries
    let limit = VerificationPolicy().timeLimit
    var (latencies, strays) = ([Double](), 0)
    for reply in replies {
        let frameTime = delivered.start + (limit - .milliseconds(reply.remaining))
        // Milliseconds are cut off or rounded on the wire; frames are 33 apart.
        let frame = delivered.frames.min { abs(($0 - frameTime).nanoseconds) < abs(($1 - frameTime).nanoseconds) }
        guard let frame, abs((frame - frameTime).nanoseconds) < 3_000_000, frame <= reply.time else {
            strays += 1
            continue
        }
        latencies.append((reply.time - frame).seconds * 1000)
    }
    try printer.show(
        Figure(
            name, unit: "ms wall", latencies,
            note: "\(delivered.frames.count) frames delivered, \(strays) replies without a frame"))
}

/// Plays frames from memory there and back, 30 a second, and notes when.
private final class MemoryCamera: Camera {
    let frames: [[UInt8]]
    let format: FrameFormat
    struct Deliveries {
        var start = Timestamp(nanoseconds: 0)
        var frames: [Timestamp] = []
    }
    private let notes = Monitor(Deliveries())

    init(frames: [[UInt8]], format: FrameFormat) {
        self.frames = frames + frames.reversed()
        self.format = format
    }

    var source: CaptureSource { .recording }
    var name: String { "memory" }
    var maximumFrameByteCount: Int { frames.map(\.count).max() ?? 1 }
    var deliveries: Deliveries { notes.update { $0 } }

    func check() throws(CameraFault) {}

    func startStreaming() throws(CameraFault) -> any CameraStream {
        notes.update { $0 = Deliveries(start: .now()) }
        return Stream(self)
    }

    private final class Stream: CameraStream {
        private let camera: MemoryCamera
        private var due = Timestamp.now()
        private var index = 0

        init(_ camera: MemoryCamera) { self.camera = camera }

        func stop() {}

        func nextFrame(from pool: FramePool, within timeout: Duration) throws(CameraFault) -> FrameLease? {
            due = due + BenchClip.frameInterval
            MonotonicClock().wait(until: due)
            guard var lease = pool.lease() else { return nil }
            let bytes = camera.frames[index % camera.frames.count]
            lease.fill(with: bytes)
            lease.format = camera.format
            lease.sequence = UInt32(index)
            index += 1
            let now = Timestamp.now()
            lease.timestamp = now
            camera.notes.update { $0.frames.append(now) }
            return lease
        }
    }
}

extension FrameLease {
    /// Copies a whole frame in.
    mutating func fill(with bytes: [UInt8]) {
        withMutableBytes { room in
            unsafe room.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
        }
        byteCount = bytes.count
    }
}

/// The real service with a camera of ours, on a thread of this program.
private final class InnerDaemon {
    let socket: String
    /// Outlives the thread.
    private let folder: TemporaryFolder
    private let stop: Waker
    private var thread: WorkerThread?

    init(camera: MemoryCamera, pack: ModelPack) throws {
        let folder = try TemporaryFolder()
        let (socket, state) = (folder.path + "/counter.sock", folder.path + "/state")
        self.folder = folder
        self.socket = socket
        let stop = try Waker()
        self.stop = stop
        // Bound before the thread starts, so that a client can connect at once.
        let listener = Mutex<OwnedDescriptor?>(try UnixSocket.listen(at: socket, mode: 0o600))
        thread = try WorkerThread(name: "service") {
            let evidence = Result { () throws(EvidenceFault) in
                try EvidenceKeeper(
                    .init(path: state, credential: nil, limits: LogLimits(), clock: SystemWallClock()))
            }
            let equipment = Equipment(
                camera: camera, lights: NoLights(), time: MonotonicClock(), pack: .success(pack), evidence: evidence,
                firmware: { nil }, simulated: ["camera"])
            do {
                let loop = try EventLoop()
                let service = try CounterService(
                    loop: loop, equipment: equipment, configuration: Configuration())
                let server = try service.makeServer()
                if let listener = listener.withLock({ $0.take() }) { try server.serve(listener) }
                let watch = try stop.attach(to: loop) { service.stop { loop.stop() } }
                try loop.run()
                loop.unwatch(watch)
                server.close()
            } catch { Console.writeError("portraitlab: the service ended: \(error)\n") }
        }
    }

    deinit {
        stop.wake()
        thread = nil
    }
}

/// A request as a POS sends it.
enum VerifyMessage {
    /// The nonce is another each time.
    static func make(portrait: borrowing SecureBytes) throws -> SecureBytes {
        let picture = portrait.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { unsafe Data($0).base64EncodedString() }
        }
        let nonce = (0..<24).map { _ in UInt8.random(in: 0...255) }
        let message = """
            {"method":"\(InterfaceTexts.counter).Verify","more":true,"parameters":{"request":{\
            "transaction":"bench","nonce":"\(Base64URL.string(nonce))","purpose":"measurement",\
            "consent":{"noticeVersion":"bench","givenAt":"2026-01-01T00:00:00Z","method":"spoken"},\
            "portrait":"\(picture)"}}}\0
            """
        return unsafe SecureBytes(copying: Array(message.utf8).span.bytes, holding: .messages)
    }
}

/// A folder that goes with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "portraitlab-\(getpid())-\(UUID())")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        self.path = folder.path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
