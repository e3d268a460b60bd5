import CJPEG
import Platform

/// Owns one libjpeg decompressor and its workspace; reused for every frame of a stream.
@safe struct JPEGDecoder: ~Copyable {
    /// ISO/IEC 10918-1 allows 65,535; a portrait of more pixels than this is no portrait.
    static let mostPixels = 25_000_000

    private let handle: OpaquePointer
    private let workspace: UnsafeMutableRawPointer

    init(maximumWidth: Int, maximumHeight: Int) {
        // Coefficients of a progressive picture: three planes of 16 bits at most; otherwise some rows only.
        let size = max(maximumWidth * maximumHeight * 6, 1 << 16) + (1 << 20)
        let workspace = unsafe SecureMemory.allocate(size)
        guard let handle = unsafe cjpg_decoder_create(workspace, size) else { fatalError("no memory for a decoder") }
        unsafe self.handle = handle
        unsafe self.workspace = workspace
    }

    deinit {
        unsafe cjpg_decoder_destroy(handle)
        unsafe SecureMemory.free(workspace)
    }

    /// Reads the size of the picture; `decode` continues on the same bytes, which must stay where they are.
    mutating func readHeader(_ jpeg: RawSpan) throws(ImagingFault) -> (width: Int, height: Int) {
        var header = cjpg_header()
        let status = unsafe jpeg.withUnsafeBytes { jpeg in
            guard let start = unsafe jpeg.bindMemory(to: UInt8.self).baseAddress else { return CJPG_CORRUPT }
            return unsafe cjpg_read_header(handle, start, jpeg.count, &header)
        }
        let (width, height) = (Int(header.width), Int(header.height))
        if status == CJPG_OK, width * height > Self.mostPixels { throw .tooLarge(width: width, height: height) }
        try check(status, width, height)
        return (width, height)
    }

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
        case CJPG_UNSUPPORTED: throw .unsupported(format: "a JPEG variant (\(message))")
        default: throw .corrupt(detail: message)
        }
    }

    private var message: String { unsafe String(cString: cjpg_decoder_message(handle)) }
}
