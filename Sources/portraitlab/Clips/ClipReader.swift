import Foundation
import Frames
import Glibc
import Platform
import Ports
import Recording

/// The frames of a recorded clip in order, whatever its container.
struct ClipReader {
    private static let mostBytesPerFrame = 4 << 20

    private let stream: RecordingStream
    private let pool = FramePool(capacity: 2, bytesPerFrame: ClipReader.mostBytesPerFrame)

    /// Opens a Motion JPEG file, a folder of JPEG files, `-`, or anything that ffmpeg reads.
    init(_ path: String, frameRate: Double) throws {
        let isOwn = path == "-" || (try? isDirectory(path)) == true || startsAsJPEG(path)
        if !isOwn { try Self.decodeWithFFmpeg(path) }
        do throws(CameraFault) {
            stream = try RecordingStream(
                path: isOwn ? path : "-", frameInterval: .nanoseconds(Int64(1e9 / frameRate)))
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
