package import Frames
import Glibc
import Platform
package import Ports

/// Reads the pictures of a recording in order, each into a pool buffer, holding no more than one chunk besides.
///
/// A recording is a Motion JPEG file (JPEG pictures one after another), a folder whose `.jpg` and `.jpeg` files are
/// sorted by name with numbers by value, or "-" for standard input. Thread-bound. Once it has failed it stays so.
package final class RecordingStream {
    private let name: String
    private let frameInterval: Duration
    private var files: RecordingFiles
    private var file: OwnedDescriptor?
    private var splitter = JPEGStreamSplitter()
    private var chunk = SecureBytes(count: 65_536, holding: .frames)
    /// The part of `chunk` that has been read and not yet looked at.
    private var unread = 0..<0
    private var frameCount = 0
    private var failure: CameraFault?

    package init(path: String, frameInterval: Duration) throws(CameraFault) {
        self.name = path
        self.frameInterval = frameInterval
        do { self.files = try RecordingFiles(path: path) } catch {
            throw .badRecording(name: path, detail: "\(error)")
        }
        guard try openNextFile() else { throw bad("the folder holds no JPEG file") }
    }

    /// Returns the next frame, `nil` after the last.
    ///
    /// Its sequence counts from 0, its timestamp is sequence × frame interval. `pool` has a free buffer. A frame that
    /// is larger than a buffer, and anything that is no row of JPEG pictures, is `.badRecording`; a pipe that brings
    /// nothing for `timeout` is `.stalled`.
    package func next(from pool: FramePool, within timeout: Duration = .seconds(10)) throws(CameraFault) -> FrameLease?
    {
        var lease = pool.lease()
        precondition(lease != nil, "next() needs a free buffer")
        return try advance(&lease, limit: pool.bytesPerFrame, within: timeout) ? lease : nil
    }

    /// Reads one picture of at most `limit` bytes into `lease`, or past it when that is `nil`.
    ///
    /// Returns `false` at the end.
    func advance(_ lease: inout FrameLease?, limit: Int, within timeout: Duration) throws(CameraFault) -> Bool {
        if let failure { throw failure }
        do { return try readPicture(&lease, limit, timeout) } catch {
            failure = error
            throw error
        }
    }

    private func readPicture(
        _ lease: inout FrameLease?, _ limit: Int, _ timeout: Duration
    ) throws(CameraFault) -> Bool {
        let deadline = Timestamp.now() + timeout
        var byteCount = 0
        while true {
            if unread.isEmpty {
                if file == nil { guard try openNextFile() else { return false } }
                guard try refill(until: deadline, timeout) else {
                    try closeFile()
                    continue
                }
            }
            let piece = try scan()
            let content = unread.lowerBound + piece.content.lowerBound..<unread.lowerBound + piece.content.upperBound
            unread = content.upperBound..<unread.upperBound
            byteCount += content.count + (piece.startsPicture ? 2 : 0)
            if byteCount > limit { throw bad("frame \(frameCount) is larger than a frame buffer") }
            if piece.startsPicture { unsafe lease?.append(startOfImage.span.bytes) }
            chunk.withBytes { lease?.append($0.extracting(content)) }
            if piece.endsPicture {
                finishPicture(&lease)
                return true
            }
        }
    }

    private func scan() throws(CameraFault) -> JPEGStreamSplitter.Piece {
        do throws(JPEGStreamFault) {
            return try chunk.withBytes { bytes throws(JPEGStreamFault) in
                try splitter.scan(bytes.extracting(unread))
            }
        } catch { throw bad("\(error)") }
    }

    private func finishPicture(_ lease: inout FrameLease?) {
        lease?.format = FrameFormat(.motionJPEG, width: splitter.width, height: splitter.height, stride: 0)
        lease?.sequence = UInt32(truncatingIfNeeded: frameCount)
        lease?.timestamp = Timestamp(nanoseconds: 0) + frameInterval * frameCount
        frameCount += 1
        if files.isFolder {
            // A photograph may carry further pictures behind the first, such as a gain map.
            file = nil
            unread = 0..<0
        }
    }

    private func openNextFile() throws(CameraFault) -> Bool {
        do throws(Errno) {
            file = try files.next()
        } catch { throw bad("\(error)") }
        return file != nil
    }

    /// Reads the next chunk; `false` at the end of the file.
    private func refill(until deadline: Timestamp, _ timeout: Duration) throws(CameraFault) -> Bool {
        while true {
            let remaining = max(deadline - Timestamp.now(), .zero)
            do throws(Errno) {
                if let count = try file?.read(into: &chunk, within: remaining) {
                    unread = 0..<count
                    return count > 0
                }
            } catch { throw bad("\(error)") }
            if remaining == .zero { throw .stalled(name: name, after: timeout) }
        }
    }

    /// Ends a file that has been read to its end.
    private func closeFile() throws(CameraFault) {
        file = nil
        if !splitter.isBetweenPictures { throw bad("\(JPEGStreamFault.cutOff)") }
        if files.isFolder || frameCount == 0 { throw bad("\(JPEGStreamFault.noPicture)") }
    }

    private func bad(_ detail: String) -> CameraFault { .badRecording(name: files.current, detail: detail) }
}

private let startOfImage: InlineArray<2, UInt8> = [0xFF, 0xD8]

extension FrameLease {
    /// Adds bytes that fit behind those already there.
    fileprivate mutating func append(_ bytes: RawSpan) {
        let filled = byteCount..<byteCount + bytes.byteCount
        withMutableBytes { output in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe output.withUnsafeMutableBytes {
                    unsafe UnsafeMutableRawBufferPointer(rebasing: $0[filled]).copyMemory(from: bytes)
                }
            }
        }
        byteCount = filled.upperBound
    }
}

extension OwnedDescriptor {
    /// Reads what is there; 0 at the end of the file, `nil` when nothing came within `timeout`.
    fileprivate borrowing func read(into chunk: inout SecureBytes, within timeout: Duration) throws(Errno) -> Int? {
        try withRaw { raw throws(Errno) in
            // Rounded up, so that a wait never ends early and turns into a spin.
            let milliseconds = CInt(clamping: (timeout.nanoseconds - 1) / 1_000_000 + 1)
            var wanted = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
            if unsafe poll(&wanted, 1, milliseconds) == 0 { return nil }
            let count = chunk.withMutableBytes { bytes in
                unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(raw, $0.baseAddress, $0.count) }
            }
            if count >= 0 { return count }
            let failure = Errno.current
            if failure.code == EAGAIN || failure.code == EINTR { return nil }
            throw failure
        }
    }
}
