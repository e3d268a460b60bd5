import Frames
import Platform
import Ports
import Recording

/// A recording: JPEG pictures one after another, in chunks whose size the first byte tells.
struct RecordingTarget: FuzzTarget {
    static let name = "recording"
    static let longest = 32 << 10
    private let folder: ScratchFolder

    static var seeds: [[UInt8]] {
        let picture = drawnJPEG(width: 16, height: 16)
        return [[7] + picture + picture, [200, 0, 0, 0] + picture + [1, 2, 3] + withoutTables(picture)]
    }

    init() throws { self.folder = try ScratchFolder() }

    func run(_ bytes: [UInt8]) {
        var reader = InputReader(bytes)
        let chunk = 1 + Int(reader.integer(UInt8.self))
        let stream = Array(reader.rest)
        let pictures = Pictures(stream, chunk: stream.count + 1)
        precondition(pictures == Pictures(stream, chunk: chunk), "chunks do not matter")
        play(stream, expecting: pictures)
    }

    private func play(_ stream: [UInt8], expecting pictures: Pictures) {
        let path = folder.write(stream, to: "recording.mjpeg")
        let pool = FramePool(capacity: 1, bytesPerFrame: Self.longest)
        var sizes: [Pictures.Size] = []
        do throws(CameraFault) {
            let recording = try RecordingStream(path: path, frameInterval: .milliseconds(33))
            while let frame = try recording.next(from: pool, within: .seconds(1)) {
                sizes.append(.init(width: frame.format.width, height: frame.format.height, byteCount: frame.byteCount))
            }
            precondition(pictures.fault == nil, "a broken stream ends with a fault")
        } catch {
            if case .badRecording = error {} else { preconditionFailure("a file is only read: \(error)") }
        }
        precondition(sizes == pictures.sizes, "every whole picture before a fault is played")
    }
}

/// What the splitter finds.
private struct Pictures: Equatable {
    struct Size: Equatable {
        let width: Int
        let height: Int
        let byteCount: Int
    }

    private(set) var sizes: [Size] = []
    private(set) var fault: JPEGStreamFault?

    init(_ stream: [UInt8], chunk: Int) {
        var splitter = JPEGStreamSplitter()
        var (rest, byteCount) = (stream[...], 0)
        do throws(JPEGStreamFault) {
            while !rest.isEmpty {
                let bytes = Array(rest.prefix(chunk))
                let piece = try unsafe splitter.scan(bytes.span.bytes)
                precondition(piece.content.upperBound <= bytes.count, "a piece lies in its chunk")
                byteCount += piece.content.count + (piece.startsPicture ? 2 : 0)
                if piece.endsPicture {
                    sizes.append(Size(width: splitter.width, height: splitter.height, byteCount: byteCount))
                    byteCount = 0
                }
                precondition(!piece.content.isEmpty || piece.content.upperBound > 0, "scanning goes on")
                rest = rest.dropFirst(piece.content.upperBound)
            }
        } catch { fault = error }
    }
}
