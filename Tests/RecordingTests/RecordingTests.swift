import Frames
import Glibc
import Platform
import Ports
import Recording
import Support
import Testing

@Suite(.serialized) struct RecordingStreamTests {
    private let pool = FramePool(capacity: 2, bytesPerFrame: 200_000)

    private func marks(_ recording: RecordingStream) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let frame = try recording.next(from: pool) { frames.append(bytes(of: frame)) }
        return frames
    }

    @Test func `a file plays every frame once, numbered and timed`() throws {
        let folder = try TemporaryFolder()
        // The second picture spans several chunks of reading.
        let pictures = [picture(), picture(width: 1280, height: 720, mark: 2, entropyCount: 90_000), picture(mark: 3)]
        let path = try folder.write(pictures.flatMap { $0 }, to: "recording.mjpeg")
        let recording = try RecordingStream(path: path, frameInterval: .milliseconds(40))
        for (index, expected) in pictures.enumerated() {
            guard let frame = try recording.next(from: pool) else {
                Issue.record("frame \(index) is missing")
                return
            }
            let (sequence, timestamp, format) = (frame.sequence, frame.timestamp, frame.format)
            #expect(bytes(of: frame) == expected)
            #expect(sequence == UInt32(index))
            #expect(timestamp == Timestamp(nanoseconds: Int64(index) * 40_000_000))
            #expect(format.pixelFormat == .motionJPEG && format.width == (index == 1 ? 1280 : 640))
        }
        let hasEnded = try recording.next(from: pool) == nil
        let staysEnded = try recording.next(from: pool) == nil
        #expect(hasEnded && staysEnded)
    }

    @Test func `a folder plays its JPEG files in the order of their numbers, the first picture of each`() throws {
        let folder = try TemporaryFolder()
        for (mark, name) in [(4, "frame10.jpg"), (3, "frame9.JPEG"), (1, "Frame1.jpg"), (2, "frame002.jpg")] {
            try folder.write(picture(mark: UInt8(mark)) + picture(mark: 99), to: name)
        }
        try folder.write(picture(mark: 50), to: ".hidden.jpg")
        try folder.write([1, 2, 3], to: "notes.txt")
        let recording = try RecordingStream(path: folder.path, frameInterval: .milliseconds(40))
        #expect(try marks(recording) == (1...4).map { picture(mark: UInt8($0)) })
    }

    @Test func `a dash plays standard input`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(picture(mark: 7) + picture(mark: 8), to: "recording.mjpeg")
        let original = dup(STDIN_FILENO)
        defer {
            dup2(original, STDIN_FILENO)
            close(original)
        }
        try OwnedDescriptor(opening: path, flags: O_RDONLY).withRaw { _ = dup2($0, STDIN_FILENO) }
        let recording = try RecordingStream(path: "-", frameInterval: .milliseconds(40))
        #expect(try marks(recording) == [picture(mark: 7), picture(mark: 8)])
    }

    @Test func `a pipe that brings nothing is stalled and stays so`() throws {
        var ends: [CInt] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let reader = OwnedDescriptor(taking: ends[0])
        let writer = OwnedDescriptor(taking: ends[1])
        let start = picture().prefix(10)
        writer.withRaw { raw in _ = unsafe start.withUnsafeBytes { unsafe write(raw, $0.baseAddress, $0.count) } }
        let path = reader.withRaw { "/dev/fd/\($0)" }
        let recording = try RecordingStream(path: path, frameInterval: .milliseconds(40))
        let stalled = CameraFault.stalled(name: path, after: .milliseconds(1))
        for _ in 0..<2 {
            #expect(
                fault { () throws(CameraFault) in _ = try recording.next(from: pool, within: .milliseconds(1)) }
                    == stalled)
        }
        #expect(pool.freeCount == 2)
    }

    @Test(arguments: [
        ("an empty file", [], "it holds no JPEG picture where one should start"),
        ("text", Array("no picture".utf8), "it holds no JPEG picture where one should start"),
        ("a cut-off picture", Array(picture().dropLast(5)), "a JPEG picture is cut off"),
        ("a broken picture", [0xFF, 0xD8, 0x00], "a JPEG segment is broken"),
        ("a large picture", picture(entropyCount: 100_000), "frame 0 is larger than a frame buffer"),
        (
            "endless image data", [0xFF, 0xD8] + segment(0xDA, []) + [UInt8](repeating: 1, count: 300_000),
            "frame 0 is larger than a frame buffer"
        ),
    ])
    func `what cannot be played says why, as a file and in a folder`(what: String, content: [UInt8], detail: String)
        throws
    {
        let folder = try TemporaryFolder()
        let path = try folder.write(content, to: "1.jpg")
        for recorded in [path, folder.path] {
            let recording = try RecordingStream(path: recorded, frameInterval: .milliseconds(40))
            for _ in 0..<2 {
                let found = fault { () throws(CameraFault) in _ = try recording.next(from: pool) }
                #expect(found == .badRecording(name: path, detail: detail), "\(what)")
            }
        }
        #expect(pool.freeCount == 2)
    }

    @Test func `what is not there cannot be played`() throws {
        let folder = try TemporaryFolder()
        let missing = folder.path + "/none"
        for path in [folder.path, missing] {
            let camera = RecordingCamera(path: path, frameInterval: .milliseconds(40), time: nil)
            let detail = path == missing ? "\(Errno(ENOENT))" : "the folder holds no JPEG file"
            let expected = CameraFault.badRecording(name: path, detail: detail)
            #expect(fault { () throws(CameraFault) in try camera.check() } == expected)
            #expect(fault { () throws(CameraFault) in _ = try camera.startStreaming() } == expected)
        }
    }

    @Test func `reading a file allocates nothing, however long it is`() throws {
        let folder = try TemporaryFolder()
        let frame = picture(entropyCount: 20_000)
        let path = try folder.write((0..<100).flatMap { _ in frame }, to: "recording.mjpeg")
        let recording = try RecordingStream(path: path, frameInterval: .milliseconds(40))
        var frameCount = 0
        func read() {
            for _ in 0..<50 where (try? recording.next(from: pool)) != nil { frameCount += 1 }
        }
        read()
        #expect(allocations(during: read) == 0)
        #expect(frameCount == 100)
    }
}

@Suite struct RecordingCameraTests {
    private let pool = FramePool(capacity: 2, bytesPerFrame: 1000)
    private let interval = Duration.milliseconds(40)

    private func recording(frameCount: Int, in folder: TemporaryFolder) throws -> String {
        try folder.write((0..<frameCount).flatMap { picture(mark: UInt8($0)) }, to: "recording.mjpeg")
    }

    @Test func `a recording says that it is one`() {
        let camera = RecordingCamera(path: "film.mjpeg", frameInterval: interval, time: nil)
        #expect(camera.source == .recording)
        #expect(camera.name == "film.mjpeg")
    }

    @Test func `frames come at their due moments, until the end`() throws {
        let folder = try TemporaryFolder()
        let path = try recording(frameCount: 3, in: folder)
        let time = PlayedTime()
        let start = time.now()
        let stream = try RecordingCamera(path: path, frameInterval: interval, time: time).startStreaming()
        for index in 0..<3 {
            guard let frame = try stream.nextFrame(from: pool, within: .seconds(1)) else { return }
            let timestamp = frame.timestamp
            #expect(timestamp == start + interval * index)
            #expect(time.now() == timestamp)
        }
        #expect(
            fault { () throws(CameraFault) in _ = try stream.nextFrame(from: pool, within: .seconds(1)) }
                == .recordingEnded(name: path))
        stream.stop()
        stream.stop()
    }

    @Test func `a frame that is due after the timeout is stalled and comes later`() throws {
        let folder = try TemporaryFolder()
        let path = try recording(frameCount: 2, in: folder)
        let time = PlayedTime()
        let stream = try RecordingCamera(path: path, frameInterval: interval, time: time).startStreaming()
        _ = try stream.nextFrame(from: pool, within: .milliseconds(10))
        let before = time.now()
        #expect(
            fault { () throws(CameraFault) in _ = try stream.nextFrame(from: pool, within: .milliseconds(30)) }
                == .stalled(name: path, after: .milliseconds(30)))
        #expect(time.now() - before == .milliseconds(30))
        let comes = try stream.nextFrame(from: pool, within: .milliseconds(30)) != nil
        #expect(comes)
    }

    @Test func `without a free buffer a frame is passed over`() throws {
        let folder = try TemporaryFolder()
        let path = try recording(frameCount: 3, in: folder)
        let pool = FramePool(capacity: 1, bytesPerFrame: 1000)
        let stream = try RecordingCamera(path: path, frameInterval: interval, time: nil).startStreaming()
        do {
            let held = try stream.nextFrame(from: pool, within: .seconds(1))
            let dropped = try stream.nextFrame(from: pool, within: .seconds(1)) == nil
            #expect(dropped)
            _ = consume held
        }
        guard let frame = try stream.nextFrame(from: pool, within: .seconds(1)) else {
            Issue.record("the third frame is missing")
            return
        }
        let (sequence, timestamp) = (frame.sequence, frame.timestamp)
        #expect(sequence == 2)
        #expect(timestamp == Timestamp(nanoseconds: 80_000_000))
        #expect(bytes(of: frame) == picture(mark: 2))
    }
}

/// A clock that moves only by being waited on.
private final class PlayedTime: TimeSource, @unchecked Sendable {
    private var current = Timestamp(nanoseconds: 7_000)

    func now() -> Timestamp { current }
    func wait(until deadline: Timestamp) { current = max(current, deadline) }
}
