import Frames
import Platform
package import Ports

/// A recording that is played as a camera.
package struct RecordingCamera: Camera {
    package let name: String
    package let maximumFrameByteCount: Int
    private let frameInterval: Duration
    private let time: (any TimeSource)?

    /// `path` is what `RecordingStream` takes.
    ///
    /// With `time`, frames come at their due moments and are stamped with them; without it, every frame comes as soon
    /// as it is asked for, stamped from 0. A frame above `maximumFrameByteCount` ends the stream with a fault.
    package init(
        path: String, frameInterval: Duration, time: (any TimeSource)?, maximumFrameByteCount: Int = 4 << 20
    ) {
        self.name = path
        self.maximumFrameByteCount = maximumFrameByteCount
        self.frameInterval = frameInterval
        self.time = time
    }

    package var source: CaptureSource { .recording }

    package func check() throws(CameraFault) {
        _ = try RecordingStream(path: name, frameInterval: frameInterval)
    }

    package func startStreaming() throws(CameraFault) -> any CameraStream {
        PlayedRecording(
            try RecordingStream(path: name, frameInterval: frameInterval), name: name, frameInterval: frameInterval,
            time: time)
    }
}

private final class PlayedRecording: CameraStream {
    private let name: String
    private let frameInterval: Duration
    private let time: (any TimeSource)?
    private let start: Timestamp
    private var recording: RecordingStream?
    private var frameCount = 0

    init(_ recording: RecordingStream, name: String, frameInterval: Duration, time: (any TimeSource)?) {
        self.recording = recording
        self.name = name
        self.frameInterval = frameInterval
        self.time = time
        self.start = time?.now() ?? Timestamp(nanoseconds: 0)
    }

    func nextFrame(from pool: FramePool, within timeout: Duration) throws(CameraFault) -> FrameLease? {
        guard let recording else { preconditionFailure("nextFrame() after stop()") }
        let due = start + frameInterval * frameCount
        if let time {
            let deadline = time.now() + timeout
            time.wait(until: min(due, deadline))
            if due > deadline { throw .stalled(name: name, after: timeout) }
        }
        var lease = pool.lease()
        guard try recording.advance(&lease, limit: pool.bytesPerFrame, within: timeout) else {
            throw .recordingEnded(name: name)
        }
        frameCount += 1
        lease?.timestamp = due
        return lease
    }

    func stop() { recording = nil }
}
