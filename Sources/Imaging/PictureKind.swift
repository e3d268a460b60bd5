/// Names a picture file's format by its first bytes.
package enum PictureKind: String, Hashable, Sendable, CaseIterable {
    case jpeg = "JPEG"
    case jpeg2000 = "JPEG 2000"
    case png = "PNG"
    case gif = "GIF"
    case bmp = "BMP"
    case tiff = "TIFF"
    case webP = "WebP"
    case heif = "HEIF or AVIF"
    case jpegXL = "JPEG XL"
    case pdf = "PDF"

    /// `nil` for anything unknown.
    package init?(of bytes: RawSpan) {
        func starts(_ signature: [UInt8], at offset: Int = 0) -> Bool {
            guard bytes.byteCount >= offset + signature.count else { return false }
            return signature.indices.allSatisfy { index in
                unsafe bytes.unsafeLoad(fromByteOffset: offset + index, as: UInt8.self) == signature[index]
            }
        }
        if starts([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if starts([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20]) || starts([0xFF, 0x4F, 0xFF, 0x51]) {
            self = .jpeg2000
        } else if starts([0x89, 0x50, 0x4E, 0x47]) {
            self = .png
        } else if starts(Array("GIF8".utf8)) {
            self = .gif
        } else if starts(Array("BM".utf8)) {
            self = .bmp
        } else if starts([0x49, 0x49, 0x2A, 0]) || starts([0x4D, 0x4D, 0, 0x2A]) {
            self = .tiff
        } else if starts(Array("RIFF".utf8)) && starts(Array("WEBP".utf8), at: 8) {
            self = .webP
        } else if starts(Array("ftyp".utf8), at: 4) {
            self = .heif
        } else if starts([0xFF, 0x0A]) || starts([0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20]) {
            self = .jpegXL
        } else if starts(Array("%PDF".utf8)) {
            self = .pdf
        } else {
            return nil
        }
    }
}
