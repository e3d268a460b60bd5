import Foundation
import Frames
import Glibc
import Platform
import Ports
import Recording

/// The frames of a recorded clip in order, whatever its container.
struct ClipReader {
    private static let mostBytesPerFrame = 4 << 20

    /// Frames a second.
    let frameRate: Double
    private let stream: RecordingStream
    private let pool = FramePool(capacity: 2, bytesPerFrame: ClipReader.mostBytesPerFrame)

    /// Opens a Motion JPEG file, a folder of JPEG files, `-`, or anything that ffmpeg reads.
    ///
    /// Without a `frameRate` it is what the container says on average, or else 30 a second.
    init(_ path: String, frameRate: Double?) throws {
        let isOwn = path == "-" || (try? isDirectory(path)) == true || startsAsJPEG(path)
        if !isOwn { try Self.decodeWithFFmpeg(path) }
        let rate = frameRate ?? (isOwn ? nil : Self.meanFrameRate(of: path)) ?? 30
        self.frameRate = rate
        do throws(CameraFault) {
            stream = try RecordingStream(
                path: isOwn ? path : "-", frameInterval: .nanoseconds(Int64(1e9 / rate)))
        } catch {
            throw LabFault(problem: error.description)
        }
    }

    /// The next frame; `nil` at the end.
    func next() throws(LabFault) -> FrameLease? {
        do throws(CameraFault) { return try stream.next(from: pool, within: .seconds(60)) } catch {
            throw LabFault(problem: error.description)
        }
    }

    /// Of a container's first video, where ffprobe, which comes with ffmpeg, finds a usual one.
    private static func meanFrameRate(of path: String) -> Double? {
        let entry = ["-select_streams", "v:0", "-show_entries", "stream=avg_frame_rate"]
        let answer = output(of: ["ffprobe", "-v", "error"] + entry + ["-of", "csv=p=0", path])
        // A fraction, behind which some containers have a comma.
        let numbers = answer?.split(separator: ",").first?.split(separator: "/")
        guard let numbers, numbers.count == 2, let count = Double(numbers[0]), let seconds = Double(numbers[1]),
            (1...240).contains(count / seconds)
        else { return nil }
        return count / seconds
    }

    /// Puts ffmpeg's output in the place of standard input, with its rotation tag applied and every frame kept.
    private static func decodeWithFFmpeg(_ path: String) throws(LabFault) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw LabFault(problem: "\(path) does not exist.")
        }
        guard isInstalled("ffmpeg") else {
            throw LabFault(
                problem: "\(path) is no Motion JPEG, and ffmpeg, which reads other clips, is not installed: "
                    + "apt install ffmpeg")
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "ffmpeg", "-nostdin", "-v", "error", "-i", path, "-vsync", "passthrough", "-f", "mjpeg", "-q:v", "2", "-",
        ]
        let output = Pipe()
        process.standardOutput = output
        do { try process.run() } catch { throw LabFault(problem: "ffmpeg cannot be run: \(error).") }
        dup2(output.fileHandleForReading.fileDescriptor, 0)
        try? output.fileHandleForWriting.close()
    }
}

private func isInstalled(_ command: String) -> Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(command)") }
}

private func startsAsJPEG(_ path: String) -> Bool {
    guard let file = try? MappedFile(path: path), file.count > 2 else { return false }
    return file.withBytes { bytes in
        unsafe bytes.unsafeLoadUnaligned(as: UInt16.self) == 0xD8FF
    }
}
