package import Biometrics
import CJPEG
package import Frames
import Platform

/// The pixels of one frame, decoded as far as asked; reused for every frame.
///
/// All memory is secure and made once; loading and sampling allocate nothing. Thread-bound.
@safe package struct FramePicture: ~Copyable {
    /// Pixels of the whole frame.
    package private(set) var width = 0
    package private(set) var height = 0

    private var decoder: JPEGDecoder
    /// R, G, B, 255 row by row, without padding.
    private var pixels: SecureBytes
    private var part = LoadedPart.none

    /// Makes room for `maximumPixels` after scaling; a loaded part that is larger is refused.
    ///
    /// The default holds any square region at a `minimumSide` of up to 360.
    /// Progressive pictures, which no camera sends, borrow more secure memory while they are read.
    package init(maximumPixels: Int = 768 * 768) {
        precondition(maximumPixels > 0, "a picture needs at least one pixel")
        self.decoder = JPEGDecoder()
        self.pixels = SecureBytes(count: maximumPixels * 4, holding: .frames)
    }

    /// Decodes the whole frame at the smallest scale that is still at least `minimumWidth` pixels wide.
    package mutating func loadWhole(
        _ bytes: RawSpan, _ format: FrameFormat, minimumWidth: Int
    ) throws(ImagingFault) {
        try load(bytes, format, box: nil, minimumWidth)
    }

    /// Decodes what `box` covers of the frame, at the smallest scale at which it is still `minimumSide` pixels wide.
    package mutating func loadRegion(
        _ bytes: RawSpan, _ format: FrameFormat, box: Box, minimumSide: Int
    ) throws(ImagingFault) {
        try load(bytes, format, box: box, minimumSide)
    }

    private mutating func load(
        _ bytes: RawSpan, _ format: FrameFormat, box: Box?, _ minimumWidth: Int
    ) throws(ImagingFault) {
        forgetPixels()
        switch format.pixelFormat {
        case .motionJPEG:
            let header = try decoder.readHeader(bytes, format)
            (width, height) = (header.width, header.height)
        case .grey, .yuyv, .nv12:
            guard let count = format.byteCount, count <= bytes.byteCount else {
                throw .corrupt(detail: "a frame of \(bytes.byteCount) bytes is too short for its size and stride")
            }
            (width, height) = (format.width, format.height)
        }
        let wanted = PixelRectangle(clipping: box, toWidth: width, height: height)
        let denominator = Self.denominator(for: box?.width ?? Double(width), minimumWidth)
        part =
            switch format.pixelFormat {
            case .motionJPEG: try decoder.decode(wanted, denominator: denominator, into: &pixels)
            case .grey, .yuyv, .nv12:
                try convertRawFrame(bytes, format, wanted, denominator: denominator, into: &pixels)
            }
    }

    /// After a fault nothing of an earlier frame can be sampled: the picture is black.
    private mutating func forgetPixels() {
        part = .none
        pixels.withMutableBytes { $0.storeBytes(of: 0, as: UInt32.self) }
    }

    private static func denominator(for width: Double, _ minimumWidth: Int) -> Int {
        var denominator = 8
        while denominator > 1, width / Double(denominator) < Double(minimumWidth) { denominator /= 2 }
        return denominator
    }

    /// Cuts out a rotated square: `size`×`size` RGB, row by row, values `low`...`high`; the border is repeated.
    package borrowing func sample(
        _ square: RotatedSquare, size: Int, mirrored: Bool = false, low: Float, high: Float,
        into output: inout MutableSpan<Float>
    ) {
        var map = AffineMap.frameFromCrop(square, size: size)
        if mirrored { map = map.mirrored(size: size) }
        let scale = (high - low) / 255
        withSampler { sampler in
            sampler.fill(&output, size: size, by: map, factor: scale, offset: SIMD3(repeating: low))
        }
    }

    /// Cuts out by any map: `size`×`size` RGB, values (v − mean) / scale; outside the frame is black, v = 0.
    package borrowing func sample(
        _ frameFromChip: AffineMap, size: Int, mirrored: Bool = false, mean: SIMD3<Float>, scale: Float,
        into output: inout MutableSpan<Float>
    ) {
        let map = mirrored ? frameFromChip.mirrored(size: size) : frameFromChip
        let black = -mean / scale
        withSampler { $0.fill(&output, size: size, by: map, factor: 1 / scale, offset: black) }
        paintOutside(&output, size: size, map, black)
    }

    /// Fits the whole frame into a square between bars of value `low` and tells where its pixels lie in the frame.
    package borrowing func letterbox(
        size: Int, low: Float, high: Float, into output: inout MutableSpan<Float>
    ) -> AffineMap {
        let side = Double(max(width, height))
        let square = RotatedSquare(centreX: Double(width) / 2, centreY: Double(height) / 2, side: side, angle: 0)
        sample(square, size: size, low: low, high: high, into: &output)
        let map = AffineMap.frameFromCrop(square, size: size)
        paintOutside(&output, size: size, map, SIMD3(repeating: low))
        return map
    }

    /// Gives `colour` to the samples whose centre lies outside the frame.
    private borrowing func paintOutside(
        _ output: inout MutableSpan<Float>, size: Int, _ map: AffineMap, _ colour: SIMD3<Float>
    ) {
        func isInside(_ x: Double, _ y: Double) -> Bool {
            let place = map.apply(x, y)
            return place.x >= 0 && place.y >= 0 && place.x < Double(width) && place.y < Double(height)
        }
        let end = Double(size)
        if isInside(0, 0) && isInside(end, 0) && isInside(0, end) && isInside(end, end) { return }
        for row in 0..<size {
            for column in 0..<size where !isInside(Double(column) + 0.5, Double(row) + 0.5) {
                for channel in 0..<3 { output[(row * size + column) * 3 + channel] = colour[channel] }
            }
        }
    }

    /// Lends the loaded pixels, R, G, B, 255 row by row, and tells which they are.
    package borrowing func withPixels<Result>(_ body: (RawSpan, LoadedPart) -> Result) -> Result {
        pixels.withBytes { body($0.extracting(first: part.width * part.height * 4), part) }
    }

    borrowing func withSampler<Result>(_ body: (borrowing Sampler) -> Result) -> Result {
        pixels.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                body(unsafe Sampler(pixels: bytes, part: part))
            }
        }
    }
}

/// Which pixels are loaded: place and size after scaling by 1/`denominator`.
package struct LoadedPart {
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int
    package var denominator: Int

    static let none = LoadedPart(x: 0, y: 0, width: 0, height: 0, denominator: 1)
}

/// A part of the frame in whole pixels; never empty.
struct PixelRectangle {
    var x: Int
    var y: Int
    var width: Int
    var height: Int

    init(clipping box: Box?, toWidth frameWidth: Int, height frameHeight: Int) {
        guard let box, box.x.isFinite, box.y.isFinite, box.width.isFinite, box.height.isFinite else {
            (x, y, width, height) = (0, 0, frameWidth, frameHeight)
            return
        }
        func clip(_ value: Double, _ limit: Int) -> Int { Int(min(max(value, 0), Double(limit))) }
        x = clip(box.x.rounded(.down), frameWidth - 1)
        y = clip(box.y.rounded(.down), frameHeight - 1)
        width = max(clip((box.x + box.width).rounded(.up), frameWidth) - x, 1)
        height = max(clip((box.y + box.height).rounded(.up), frameHeight) - y, 1)
    }
}
