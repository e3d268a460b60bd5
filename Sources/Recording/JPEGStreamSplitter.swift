import Glibc

/// Why a byte stream is not a row of JPEG pictures.
package enum JPEGStreamFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing looks like the start of a picture for longer than padding could be.
    case noPicture
    /// A segment's marker is wrong or its length impossible.
    case brokenSegment
    /// The stream ends, or another picture starts, inside a picture.
    case cutOff
    /// A picture ends without having told its width and height.
    case sizeMissing

    package var description: String {
        switch self {
        case .noPicture: "it holds no JPEG picture where one should start"
        case .brokenSegment: "a JPEG segment is broken"
        case .cutOff: "a JPEG picture is cut off"
        case .sizeMissing: "a JPEG picture has no size"
        }
    }
}

/// Finds the JPEG pictures (ITU-T T.81, annex B) in a byte stream by their markers, without decoding them.
///
/// Segments are skipped by their length, so that a thumbnail inside one does not end the picture. How the bytes were
/// chunked never changes what comes out. Bytes between pictures are passed over, up to 64 KiB of them.
package struct JPEGStreamSplitter: Sendable {
    /// What a stretch of bytes means.
    package struct Piece: Hashable, Sendable {
        /// Whether a picture starts; its first two bytes, FF D8, are then not part of `content`.
        package var startsPicture = false
        /// The bytes that belong to the picture; what follows them has not been looked at.
        package var content: Range<Int>
        package var endsPicture = false
    }

    /// Pixels of the current or just ended picture; 0 until its frame header has come.
    package private(set) var width = 0
    package private(set) var height = 0

    private enum State: Hashable {
        case outside, outsideAfterFF
        /// A marker's FF, and its code, are due.
        case marker, code
        case lengthHigh
        case lengthLow(high: UInt8)
        case segment(rest: Int)
        case entropy, entropyAfterFF
    }

    private static let longestPadding = 65_536

    private var state = State.outside
    private var segmentCode: UInt8 = 0
    /// Bytes read of a frame header segment.
    private var headerOffset = 0
    private var paddingCount = 0

    package init() {}

    /// Whether the stream stands between two pictures and may end.
    package var isBetweenPictures: Bool { state == .outside || state == .outsideAfterFF }

    /// Looks at `bytes` up to the end of a picture or their own end.
    package mutating func scan(_ bytes: RawSpan) throws(JPEGStreamFault) -> Piece {
        try unsafe bytes.withUnsafeBytes { bytes throws(JPEGStreamFault) in
            var piece = Piece(content: 0..<0)
            var index = 0
            while index < bytes.count {
                if state == .entropy {
                    // Most of a stream is this: nothing matters up to the next FF.
                    index += unsafe distanceToFF(UnsafeRawBufferPointer(rebasing: bytes[index...]))
                    if index == bytes.count { break }
                }
                if case .segment(let rest) = state, !isFrameHeader {
                    let skipped = min(rest, bytes.count - index)
                    index += skipped
                    state = skipped == rest ? afterSegment : .segment(rest: rest - skipped)
                    continue
                }
                let wasOutside = isBetweenPictures
                try step(unsafe bytes[index])
                index += 1
                if wasOutside != isBetweenPictures {
                    if !wasOutside {
                        piece.content = piece.content.lowerBound..<index
                        piece.endsPicture = true
                        return piece
                    }
                    piece.startsPicture = true
                    piece.content = index..<index
                }
            }
            piece.content = (isBetweenPictures ? bytes.count : piece.content.lowerBound)..<bytes.count
            return piece
        }
    }

    private var isFrameHeader: Bool {
        // SOF0...SOF15 without DHT, JPG and DAC, which share their range.
        (0xC0...0xCF).contains(segmentCode) && segmentCode != 0xC4 && segmentCode != 0xC8 && segmentCode != 0xCC
    }

    private var afterSegment: State { segmentCode == 0xDA ? .entropy : .marker }

    private mutating func step(_ byte: UInt8) throws(JPEGStreamFault) {
        switch state {
        case .outside, .outsideAfterFF:
            try stepOutside(byte)
        case .marker:
            guard byte == 0xFF else { throw .brokenSegment }
            state = .code
        case .code:
            try begin(code: byte)
        case .lengthHigh:
            state = .lengthLow(high: byte)
        case .lengthLow(let high):
            let length = Int(high) << 8 | Int(byte)
            // The length counts its own two bytes; a frame header has at least six more.
            guard length >= (isFrameHeader ? 8 : 2) else { throw .brokenSegment }
            state = length == 2 ? afterSegment : .segment(rest: length - 2)
            headerOffset = 0
        case .segment(let rest):
            readFrameHeader(byte)
            state = rest == 1 ? afterSegment : .segment(rest: rest - 1)
        case .entropy:
            state = byte == 0xFF ? .entropyAfterFF : .entropy
        case .entropyAfterFF:
            switch byte {
            case 0x00, 0xD0...0xD7: state = .entropy
            case 0xFF: break
            default: try begin(code: byte)
            }
        }
    }

    private mutating func stepOutside(_ byte: UInt8) throws(JPEGStreamFault) {
        if state == .outsideAfterFF && byte == 0xD8 {
            (state, width, height, paddingCount) = (.marker, 0, 0, 0)
            return
        }
        state = byte == 0xFF ? .outsideAfterFF : .outside
        paddingCount += 1
        if paddingCount > Self.longestPadding { throw .noPicture }
    }

    /// Takes the byte after a marker's FF.
    private mutating func begin(code: UInt8) throws(JPEGStreamFault) {
        segmentCode = code
        switch code {
        case 0xFF: state = .code
        case 0xD9:
            guard width > 0 && height > 0 else { throw .sizeMissing }
            state = .outside
        case 0xD8: throw .cutOff
        case 0x00: throw .brokenSegment
        case 0x01, 0xD0...0xD7: state = .marker
        default: state = .lengthHigh
        }
    }

    /// Takes one byte of a frame header: precision, height (2), width (2), components.
    private mutating func readFrameHeader(_ byte: UInt8) {
        switch headerOffset {
        case 1, 2: height = (height << 8 | Int(byte)) & 0xFFFF
        case 3, 4: width = (width << 8 | Int(byte)) & 0xFFFF
        default: break
        }
        headerOffset += 1
    }
}

/// How many bytes come before the first FF; all of them when there is none.
private func distanceToFF(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let start = bytes.baseAddress, let found = unsafe memchr(start, 0xFF, bytes.count) else { return bytes.count }
    return unsafe UnsafeRawPointer(found) - start
}
