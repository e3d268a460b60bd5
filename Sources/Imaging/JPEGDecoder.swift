import CJPEG
import Platform

/// What the first bytes of a JPEG file say, read by the decoder itself but without decoding.
package struct JPEGHeader: Hashable, Sendable {
    /// Pixels.
    package let width: Int
    package let height: Int
    /// Whether the pixels come in several scans, so that `FramePicture` must be made for progressive pictures.
    package let isProgressive: Bool

    /// Refuses what is no JPEG (other formats by name), what the decoder does not read, and what is too large.
    package init(of bytes: RawSpan) throws(ImagingFault) {
        if let kind = PictureKind(of: bytes), kind != .jpeg { throw .unsupported(format: kind.rawValue) }
        var decoder = JPEGDecoder(workspaceByteCount: 1 << 16)
        self = try decoder.readHeader(bytes)
    }

    init(_ header: cjpg_header) {
        width = Int(header.width)
        height = Int(header.height)
        isProgressive = header.has_multiple_scans
    }
}

/// Owns one libjpeg decompressor and its workspace; reused for every frame of a stream.
@safe struct JPEGDecoder: ~Copyable {
    /// ISO/IEC 10918-1 allows 65,535 a side; a portrait of more pixels than this is no portrait.
    static let mostPixels = 25_000_000

    private let handle: OpaquePointer
    private let workspace: UnsafeMutableRawPointer

    init(workspaceByteCount: Int) {
        let workspace = unsafe SecureMemory.allocate(workspaceByteCount)
        guard let handle = unsafe cjpg_decoder_create(workspace, workspaceByteCount) else {
            fatalError("no memory for a decoder")
        }
        unsafe self.handle = handle
        unsafe self.workspace = workspace
    }

    deinit {
        unsafe cjpg_decoder_destroy(handle)
        unsafe SecureMemory.free(workspace)
    }

    /// Reads the size of the picture; `decode` continues on the same bytes, which must stay where they are.
    mutating func readHeader(_ jpeg: RawSpan) throws(ImagingFault) -> JPEGHeader {
        if jpeg.isEmpty { throw .corrupt(detail: "it has no bytes") }
        var header = cjpg_header()
        let status = unsafe jpeg.withUnsafeBytes { jpeg in
            guard let start = unsafe jpeg.bindMemory(to: UInt8.self).baseAddress else { return CJPG_CORRUPT }
            return unsafe cjpg_read_header(handle, start, jpeg.count, &header)
        }
        let result = JPEGHeader(header)
        if status == CJPG_OK, result.width * result.height > Self.mostPixels {
            throw .tooLarge(width: result.width, height: result.height)
        }
        try check(status, result.width, result.height)
        return result
    }

    /// Decodes `wanted`, in pixels of the whole picture, at 1/`denominator` of its size.
    mutating func decode(
        _ wanted: PixelRectangle, denominator: Int, into pixels: inout SecureBytes
    ) throws(ImagingFault) -> LoadedPart {
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
