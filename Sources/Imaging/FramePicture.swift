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

    private let maximumWidth: Int
    private let maximumHeight: Int
    private var decoder: JPEGDecoder
    /// R, G, B, 255 row by row, without padding.
    private var pixels: SecureBytes
    private var part = LoadedPart(x: 0, y: 0, width: 0, height: 0, denominator: 1)

    /// Makes room for frames of up to `maximumWidth`×`maximumHeight` pixels in any format.
    ///
    /// Larger JPEG pictures are read too when their scaled part fits.
    package init(maximumWidth: Int, maximumHeight: Int) {
        precondition(maximumWidth > 0 && maximumHeight > 0, "a frame needs at least one pixel")
        self.maximumWidth = maximumWidth
        self.maximumHeight = maximumHeight
        self.decoder = JPEGDecoder(maximumWidth: maximumWidth, maximumHeight: maximumHeight)
        // Rounded up to the blocks that libjpeg decodes.
        self.pixels = SecureBytes(count: (maximumWidth + 32) * (maximumHeight + 32) * 4)
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
        part = LoadedPart(x: 0, y: 0, width: 0, height: 0, denominator: 1)
        switch format.pixelFormat {
        case .motionJPEG:
            (width, height) = try decoder.readHeader(bytes)
        case .grey, .yuyv, .nv12:
            guard let count = format.byteCount, count <= bytes.byteCount else {
                throw .corrupt(detail: "a frame of \(bytes.byteCount) bytes is too short for its size and stride")
            }
            guard format.width <= maximumWidth, format.height <= maximumHeight else {
                throw .tooLarge(width: format.width, height: format.height)
            }
            (width, height) = (format.width, format.height)
        }
        let wanted = PixelRectangle(clipping: box, toWidth: width, height: height)
        let denominator = Self.denominator(for: box?.width ?? Double(width), minimumWidth)
        part =
            switch format.pixelFormat {
            case .motionJPEG: try decoder.decode(wanted, denominator: denominator, into: &pixels)
            case .grey, .yuyv, .nv12:
                convertRawFrame(bytes, format, wanted, denominator: denominator, into: &pixels)
            }
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
            sampler.fill(&output, size: size, by: map, factor: SIMD4(repeating: scale), offset: SIMD4(repeating: low))
        }
    }

    /// Cuts out by any map: `size`×`size` RGB, values (v − mean) / scale; the border is repeated.
    package borrowing func sample(
        _ frameFromChip: AffineMap, size: Int, mean: SIMD3<Float>, scale: Float, into output: inout MutableSpan<Float>
    ) {
        let factor = SIMD4<Float>(repeating: 1 / scale)
        let offset = SIMD4(-mean / scale, 0)
        withSampler { $0.fill(&output, size: size, by: frameFromChip, factor: factor, offset: offset) }
    }

    /// Fits the whole frame into a square between bars of value 0 and tells where its pixels lie in the frame.
    package borrowing func letterbox(
        size: Int, low: Float, high: Float, into output: inout MutableSpan<Float>
    ) -> AffineMap {
        let side = Double(max(width, height))
        let square = RotatedSquare(centreX: Double(width) / 2, centreY: Double(height) / 2, side: side, angle: 0)
        sample(square, size: size, low: low, high: high, into: &output)
        let map = AffineMap.frameFromCrop(square, size: size)
        for row in 0..<size {
            for column in 0..<size {
                let place = map.apply(Double(column) + 0.5, Double(row) + 0.5)
                let isInside = place.x >= 0 && place.y >= 0 && place.x < Double(width) && place.y < Double(height)
                if isInside { continue }
                for channel in 0..<3 { output[(row * size + column) * 3 + channel] = low }
            }
        }
        return map
    }

    /// Measures a face square; `interEyeDistance` in pixels of the frame comes from the caller.
    package borrowing func quality(in square: RotatedSquare, interEyeDistance: Double) -> FaceQuality {
        withSampler { $0.quality(in: square, interEyeDistance: interEyeDistance) }
    }

    private borrowing func withSampler<Result>(_ body: (borrowing Sampler) -> Result) -> Result {
        pixels.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                body(unsafe Sampler(pixels: bytes, part: part))
            }
        }
    }
}

/// Which pixels are loaded: place and size after scaling by 1/`denominator`.
struct LoadedPart {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    var denominator: Int
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
