import CJPEG
import Platform

/// Owns one libjpeg compressor; reused for every frame of a stream.
@safe package struct JPEGEncoder: ~Copyable {
    private let handle: OpaquePointer
    private let workspace: UnsafeMutableRawPointer
    private let maximumWidth: Int

    package init(maximumWidth: Int) {
        let size = maximumWidth * 64 + (1 << 18)
        let workspace = unsafe SecureMemory.allocate(size, holding: .frames)
        guard let handle = unsafe cjpg_encoder_create(workspace, size) else { fatalError("no memory for an encoder") }
        unsafe self.handle = handle
        unsafe self.workspace = workspace
        self.maximumWidth = maximumWidth
    }

    deinit {
        unsafe cjpg_encoder_destroy(handle)
        unsafe SecureMemory.free(workspace)
    }

    /// Encodes `picture` with `quality` 1...100 and returns the size of the file at the start of `output`.
    ///
    /// Throws `.tooLarge` when `output` is too small. Allocates nothing.
    package mutating func encode(
        _ picture: borrowing PlanarPicture, quality: Int, into output: inout MutableRawSpan
    ) throws(ImagingFault) -> Int {
        precondition(picture.width <= maximumWidth, "the encoder was made for narrower pictures")
        var count = 0
        let status = unsafe output.withUnsafeMutableBytes { output in
            unsafe picture.withPlanes { luma, blue, red in
                guard let start = unsafe output.bindMemory(to: UInt8.self).baseAddress else { return CJPG_TOO_LARGE }
                return unsafe cjpg_encode(
                    handle, luma, blue, red, UInt32(picture.width), UInt32(picture.height), UInt32(picture.stride),
                    CInt(quality), start, output.count, &count)
            }
        }
        guard status == CJPG_OK else { throw .tooLarge(width: picture.width, height: picture.height) }
        return count
    }
}

/// A picture as planes of Y'CbCr 4:2:0 in full range (JFIF), in secure memory.
@safe package struct PlanarPicture: ~Copyable {
    package let width: Int
    package let height: Int
    /// Bytes from one luma row to the next, a multiple of 16; chroma rows have half of it.
    package let stride: Int
    /// Luma rows, a multiple of 16; chroma planes have half of them.
    package let rows: Int
    private var storage: SecureBytes

    /// Makes a black picture.
    package init(width: Int, height: Int) {
        precondition(width > 0 && height > 0, "a picture needs at least one pixel")
        self.width = width
        self.height = height
        self.stride = (width + 15) / 16 * 16
        self.rows = (height + 15) / 16 * 16
        self.storage = SecureBytes(count: stride * rows * 3 / 2, holding: .frames)
        withMutablePlanes { _, blue, red in
            for index in 0..<blue.count {
                blue[index] = 128
                red[index] = 128
            }
        }
    }

    /// Lends the planes: luma `stride`×`rows`, blue and red a quarter of it each.
    package mutating func withMutablePlanes<Result>(
        _ body: (inout MutableSpan<UInt8>, inout MutableSpan<UInt8>, inout MutableSpan<UInt8>) -> Result
    ) -> Result {
        let count = stride * rows
        return storage.withMutableBytes { bytes in
            unsafe bytes.withUnsafeMutableBytes { bytes in
                let all = unsafe bytes.bindMemory(to: UInt8.self)
                var luma = unsafe UnsafeMutableBufferPointer(rebasing: all[..<count]).mutableSpan
                var blue = unsafe UnsafeMutableBufferPointer(rebasing: all[count..<count * 5 / 4]).mutableSpan
                var red = unsafe UnsafeMutableBufferPointer(rebasing: all[(count * 5 / 4)...]).mutableSpan
                return body(&luma, &blue, &red)
            }
        }
    }

    /// Lends the planes for reading, laid out as in `withMutablePlanes`.
    @unsafe package borrowing func withPlanes<Result>(
        _ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Result
    ) -> Result {
        let count = stride * rows
        return storage.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                guard let start = unsafe bytes.bindMemory(to: UInt8.self).baseAddress else {
                    fatalError("empty picture")
                }
                return unsafe body(start, start + count, start + count * 5 / 4)
            }
        }
    }
}
