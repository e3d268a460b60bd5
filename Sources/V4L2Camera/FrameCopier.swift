import CV4LConvert
import Frames
import Platform

/// Brings a driver buffer's content into a frame without padding between its rows.
struct FrameCopier: ~Copyable {
    private let format: FrameFormat
    private let driverStride: Int
    private let leastByteCount: Int
    private let converter: FrameConverter?

    /// `packed` is the format of the frames to come; `nil` when the converter gets no memory.
    init?(_ negotiated: NegotiatedFormat, packed: FrameFormat) {
        self.format = packed
        self.driverStride = Int(negotiated.answer.stride)
        if negotiated.isConverted {
            let converter = FrameConverter(negotiated.answer.fourCC, width: packed.width, height: packed.height)
            guard let converter else { return nil }
            self.leastByteCount = converter.sourceByteCount
            self.converter = consume converter
        } else {
            let padded = FrameFormat(
                packed.pixelFormat, width: packed.width, height: packed.height, stride: driverStride)
            self.leastByteCount = padded.byteCount ?? 1
            self.converter = nil
        }
    }

    /// Returns `false` when the content is too short for its format or too long for the frame.
    borrowing func copy(_ content: UnsafeRawBufferPointer, into frame: inout FrameLease) -> Bool {
        guard content.count >= leastByteCount else { return false }
        let count = format.byteCount ?? content.count
        let copied = frame.withMutableBytes { bytes in
            guard count <= bytes.byteCount else { return false }
            return unsafe bytes.withUnsafeMutableBytes { unsafe move(content, to: .init(rebasing: $0[..<count])) }
        }
        guard copied else { return false }
        frame.format = format
        frame.byteCount = count
        return true
    }

    /// Fills `output`, whose size is that of the frame to come.
    private borrowing func move(
        _ content: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        if converter != nil { return unsafe converter?.convert(content, into: output) ?? false }
        let stride = format.stride
        if stride == driverStride || format.pixelFormat == .motionJPEG {
            unsafe output.copyMemory(from: .init(rebasing: content[..<output.count]))
            return true
        }
        for row in 0..<output.count / stride {
            let source = unsafe content[row * driverStride..<row * driverStride + stride]
            let target = unsafe UnsafeMutableRawBufferPointer(rebasing: output[row * stride..<(row + 1) * stride])
            unsafe target.copyMemory(from: .init(rebasing: source))
        }
        return true
    }
}

/// Owns one libv4l converter from a fixed-size format to NV12.
@safe struct FrameConverter: ~Copyable {
    private let handle: OpaquePointer
    /// Bytes that one frame needs at least.
    let sourceByteCount: Int
    private let scratch: UnsafeMutableRawPointer

    /// Whether frames of this format and size can be converted.
    static func accepts(_ fourCC: UInt32, width: Int, height: Int) -> Bool {
        width % 2 == 0 && height % 2 == 0 && rowByteCount(fourCC, width: width) != nil
    }

    /// Bytes of one row of the first plane without padding; `nil` for a format that is not converted.
    static func rowByteCount(_ fourCC: UInt32, width: Int) -> Int? {
        let count = cvc_row_size(fourCC, UInt32(width))
        return count == 0 ? nil : count
    }

    /// Allocates; `nil` when the format is not converted or memory is short.
    init?(_ fourCC: UInt32, width: Int, height: Int) {
        guard let handle = unsafe cvc_create(fourCC, UInt32(width), UInt32(height)) else { return nil }
        unsafe self.handle = handle
        self.sourceByteCount = cvc_source_size(fourCC, UInt32(width), UInt32(height))
        unsafe self.scratch = SecureMemory.allocate(width * height * 3 / 2, holding: .frames)
    }

    deinit {
        unsafe cvc_destroy(handle)
        unsafe SecureMemory.free(scratch)
    }

    /// Writes NV12 into `output`, which has room for it; `false` when `content` is too short.
    borrowing func convert(_ content: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        guard content.count >= sourceByteCount, let source = content.baseAddress, let target = output.baseAddress
        else { return false }
        return unsafe cvc_convert(
            handle, source.assumingMemoryBound(to: UInt8.self), scratch.assumingMemoryBound(to: UInt8.self),
            target.assumingMemoryBound(to: UInt8.self)) == 0
    }
}
