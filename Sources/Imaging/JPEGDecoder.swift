import CJPEG
import Frames
import Platform

/// What the first bytes of a JPEG file say, read by the decoder itself but without decoding.
package struct JPEGHeader: Hashable, Sendable {
    /// Pixels.
    package let width: Int
    package let height: Int

    /// Refuses what is no JPEG (other formats by name), what the decoder does not read, and what is too large.
    package init(of bytes: RawSpan) throws(ImagingFault) {
        if let kind = PictureKind(of: bytes), kind != .jpeg { throw .unsupported(format: kind.rawValue) }
        var decoder = JPEGDecoder()
        self = try decoder.readHeader(bytes)
    }

    fileprivate init(_ header: cjpg_header) {
        width = Int(header.width)
        height = Int(header.height)
    }
}

/// Owns one libjpeg decompressor and its workspace; reused for every frame of a stream.
@safe struct JPEGDecoder: ~Copyable {
    /// ISO/IEC 10918-1 allows 65,535 a side; a portrait of more pixels than this is no portrait.
    static let mostPixels = 25_000_000

    /// Rows and tables of a frame of up to `frameWidth` pixels stay below it.
    private static let workspaceByteCount = 384 << 10
    private static let frameWidth = 2048
    /// Rows and tables of the widest picture stay well below it.
    private static let wideByteCount = 1 << 20
    /// Coefficients of a progressive picture: 11 megapixels with halved chroma.
    private static let mostCoefficientBytes = 32 << 20

    private let handle: OpaquePointer
    private let workspace: UnsafeMutableRawPointer
    /// In use from the header to the pixels of a picture that no camera sends: a progressive or a very wide one.
    private var largeWorkspace: UnsafeMutableRawPointer?

    init() {
        let workspace = unsafe SecureMemory.allocate(Self.workspaceByteCount, holding: .frames)
        guard let handle = unsafe cjpg_decoder_create(workspace, Self.workspaceByteCount) else {
            fatalError("no memory for a decoder")
        }
        unsafe self.handle = handle
        unsafe self.workspace = workspace
        unsafe self.largeWorkspace = nil
    }

    deinit {
        unsafe cjpg_decoder_destroy(handle)
        unsafe SecureMemory.free(workspace)
        if let large = unsafe largeWorkspace { unsafe SecureMemory.free(large) }
    }

    /// Reads the size of the picture; `decode` continues on the same bytes, which must stay where they are.
    ///
    /// Takes no memory for a picture of another size than `format` states.
    mutating func readHeader(_ jpeg: RawSpan, _ format: FrameFormat? = nil) throws(ImagingFault) -> JPEGHeader {
        leaveLargeWorkspace()
        let header = try parseHeader(jpeg)
        let result = JPEGHeader(header)
        if let format, format.width > 0, (format.width, format.height) != (result.width, result.height) {
            throw .corrupt(
                detail: "it has \(result.width)×\(result.height) pixels instead of \(format.width)×\(format.height)")
        }
        let isTooLarge =
            result.width * result.height > Self.mostPixels || header.coefficient_size > Self.mostCoefficientBytes
        if isTooLarge { throw .tooLarge(width: result.width, height: result.height) }
        if header.coefficient_size > 0 || result.width > Self.frameWidth {
            enterLargeWorkspace(Self.wideByteCount + header.coefficient_size)
            _ = try parseHeader(jpeg)
        }
        return result
    }

    private func parseHeader(_ jpeg: RawSpan) throws(ImagingFault) -> cjpg_header {
        if jpeg.isEmpty { throw .corrupt(detail: "it has no bytes") }
        var header = cjpg_header()
        let status = unsafe jpeg.withUnsafeBytes { jpeg in
            guard let start = unsafe jpeg.bindMemory(to: UInt8.self).baseAddress else { return CJPG_CORRUPT }
            return unsafe cjpg_read_header(handle, start, jpeg.count, &header)
        }
        try check(status, Int(header.width), Int(header.height))
        return header
    }

    private mutating func enterLargeWorkspace(_ byteCount: Int) {
        let large = unsafe SecureMemory.allocate(byteCount, holding: .frames)
        unsafe cjpg_decoder_move(handle, large, byteCount)
        unsafe largeWorkspace = large
    }

    private mutating func leaveLargeWorkspace() {
        guard let large = unsafe largeWorkspace else { return }
        unsafe cjpg_decoder_move(handle, workspace, Self.workspaceByteCount)
        unsafe SecureMemory.free(large)
        unsafe largeWorkspace = nil
    }

    /// Decodes `wanted`, in pixels of the whole picture, at 1/`denominator` of its size.
    mutating func decode(
        _ wanted: PixelRectangle, denominator: Int, into pixels: inout SecureBytes
    ) throws(ImagingFault) -> LoadedPart {
        defer { leaveLargeWorkspace() }
        var part = cjpg_part()
        let box = cjpg_part(
            x: UInt32(wanted.x), y: UInt32(wanted.y), width: UInt32(wanted.width), height: UInt32(wanted.height))
        let status = pixels.withMutableBytes { output in
            unsafe output.withUnsafeMutableBytes { output in
                guard let start = unsafe output.bindMemory(to: UInt8.self).baseAddress else { return CJPG_TOO_LARGE }
                return unsafe cjpg_decode(handle, UInt32(denominator), box, start, output.count, &part)
            }
        }
        try check(status, wanted.width, wanted.height)
        return LoadedPart(
            x: Int(part.x), y: Int(part.y), width: Int(part.width), height: Int(part.height), denominator: denominator)
    }

    private func check(_ status: cjpg_status, _ width: Int, _ height: Int) throws(ImagingFault) {
        switch status {
        case CJPG_OK: return
        case CJPG_TOO_LARGE: throw .tooLarge(width: width, height: height)
        case CJPG_UNSUPPORTED: throw .unsupported(format: message)
        default: throw .corrupt(detail: message)
        }
    }

    private var message: String { unsafe String(cString: cjpg_decoder_message(handle)) }
}
