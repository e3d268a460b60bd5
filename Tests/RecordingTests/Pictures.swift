import Foundation
import Frames
import Ports

/// The bytes of a JPEG picture as far as its markers go; its entropy data is made up.
func picture(width: UInt16 = 640, height: UInt16 = 480, mark: UInt8 = 1, entropyCount: Int = 20) -> [UInt8] {
    let thumbnail = [UInt8]([0xFF, 0xD8, 0xFF, 0xC0, 0x00, 0x08, 8, 0, 1, 0, 1, 0, 0xFF, 0xD9])
    var bytes: [UInt8] = [0xFF, 0xD8]
    bytes += segment(0xE1, Array("Exif".utf8) + thumbnail)
    // Markers may be preceded by fill bytes; a table segment may look like anything.
    bytes += [0xFF, 0xFF] + segment(0xDB, [0, 0xFF, 0xD9, 0xFF, 0xD8])
    bytes += segment(0xC2, [8] + bigEndian(height) + bigEndian(width) + [1, 1, 0x11, 0])
    for _ in 0..<2 {
        bytes += segment(0xDA, [1, 1, 0, 0, 63, 0])
        bytes += [UInt8](repeating: mark, count: entropyCount) + [0xFF, 0x00, mark, 0xFF, 0xD3, mark, 0xFF, 0x00]
        bytes += segment(0xC4, [0x10, 0xFF, 0xD9])
    }
    return bytes + [0xFF, 0xD9]
}

func segment(_ code: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [0xFF, code] + bigEndian(UInt16(payload.count + 2)) + payload
}

func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

/// A folder that is removed with everything in it when the value is dropped.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = url.appending(path: name)
        try Data(bytes).write(to: file)
        return file.path(percentEncoded: false)
    }

    var path: String { url.path(percentEncoded: false) }
}

func bytes(of frame: borrowing FrameLease) -> [UInt8] {
    frame.withBytes { bytes in
        (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
}

/// Runs `body` for the fault that it throws.
func fault(_ body: () throws(CameraFault) -> Void) -> CameraFault? {
    do { try body() } catch { return error }
    return nil
}
