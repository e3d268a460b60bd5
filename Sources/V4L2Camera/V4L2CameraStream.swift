package import Frames
import Glibc
import Platform
package import Ports

/// A V4L2 camera that is on: driver buffers are mapped, filled by the driver, copied out and queued again.
///
/// Thread-bound. Dropping it switches the camera off.
@safe package final class V4L2CameraStream: CameraStream {
    /// Frames that came and were not handed out: broken, of a wrong size, or without a free pool buffer.
    package private(set) var droppedCount = 0

    private let name: String
    private let time: any TimeSource
    private let copier: FrameCopier
    private var device: (any VideoDevice)?
    private var mappings: [UnsafeRawBufferPointer] = unsafe []
    private var hasBuffers = false
    private var isStarted = false
    private var hold: ExposureHold

    init(
        device: any VideoDevice, name: String, copier: consuming FrameCopier, time: any TimeSource, hold: ExposureHold
    ) {
        self.device = device
        self.name = name
        self.copier = copier
        self.time = time
        self.hold = hold
    }

    deinit { stop() }

    /// Switches the camera on; after a fault the caller drops the stream, which takes back what was done.
    func start() throws(CameraFault) {
        guard let device else { return }
        // One is being filled, one is waiting, two absorb a late reader.
        let granted = try asking("VIDIOC_REQBUFS") { () throws(Errno) in try device.requestBuffers(4) }
        hasBuffers = true
        // V4L2 has at most 32 buffers a queue.
        guard (1...32).contains(granted) else {
            throw .system(call: "VIDIOC_REQBUFS", name: name, Errno(ENOMEM))
        }
        for index in 0..<granted {
            let place = try asking("VIDIOC_QUERYBUF") { () throws(Errno) in try device.queryBuffer(at: index) }
            unsafe mappings.append(
                try asking("mmap") { () throws(Errno) in
                    try unsafe device.map(offset: place.offset, length: place.length)
                })
            try asking("VIDIOC_QBUF") { () throws(Errno) in try device.queue(index) }
        }
        try asking("VIDIOC_STREAMON") { () throws(Errno) in try device.startStreaming() }
        isStarted = true
    }

    package func nextFrame(from pool: FramePool, within timeout: Duration) throws(CameraFault) -> FrameLease? {
        guard let device else { preconditionFailure("nextFrame() after stop()") }
        let buffer = try dequeue(from: device, within: timeout)
        let index = Int(buffer.index)
        guard unsafe index < mappings.count else { throw .system(call: "VIDIOC_DQBUF", name: name, Errno(EBADMSG)) }
        let frame = unsafe copy(buffer, at: mappings[index], into: pool.lease())
        try asking("VIDIOC_QBUF") { () throws(Errno) in try device.queue(buffer.index) }
        if frame == nil { droppedCount += 1 }
        return frame
    }

    package func holdExposure(at share: Double?) {
        guard let device else { return }
        if let share { hold.begin(at: share, on: device) } else { hold.end(on: device) }
    }

    package var heldExposure: HeldExposure? { hold.exposure }

    package func stop() {
        guard let device else { return }
        // A device that is gone refuses these calls and has nothing left to stop; closing it is what remains.
        if isStarted { try? device.stopStreaming() }
        while let mapping = unsafe mappings.popLast() { unsafe device.unmap(mapping) }
        if hasBuffers { _ = try? device.requestBuffers(0) }
        // Needs no stream, and may take the driver's timeout.
        hold.end(on: device)
        self.device = nil
    }

    private func dequeue(from device: any VideoDevice, within timeout: Duration) throws(CameraFault) -> FinishedBuffer {
        let deadline = time.now() + timeout
        while true {
            let finished = try asking("VIDIOC_DQBUF") { () throws(Errno) in try device.dequeue() }
            if let finished { return finished }
            let remaining = deadline - time.now()
            guard remaining > .zero else { throw .stalled(name: name, after: timeout) }
            _ = try asking("poll") { () throws(Errno) in try device.wait(within: remaining) }
        }
    }

    /// Moves a good frame out of driver memory; `nil` when it is to be dropped.
    private func copy(
        _ buffer: FinishedBuffer, at mapping: UnsafeRawBufferPointer, into lease: consuming FrameLease?
    ) -> FrameLease? {
        guard !buffer.isBroken, buffer.byteCount <= mapping.count, var frame = lease else { return nil }
        let content = unsafe UnsafeRawBufferPointer(rebasing: mapping[..<Int(buffer.byteCount)])
        guard unsafe copier.copy(content, into: &frame) else { return nil }
        frame.sequence = buffer.sequence
        frame.timestamp = credibleTime(of: buffer)
        return frame
    }

    /// The driver's time, or now where it has none: no frame is of the future.
    private func credibleTime(of buffer: FinishedBuffer) -> Timestamp {
        let now = time.now()
        return min(buffer.timestamp ?? now, now)
    }

    private func asking<Answer>(_ call: String, _ body: () throws(Errno) -> Answer) throws(CameraFault) -> Answer {
        do { return try body() } catch { throw CameraFault(call, error, on: name) }
    }
}
