import Biometrics
import Platform

/// Bilinear sampling of loaded pixels, by maps in pixels of the whole frame.
@safe struct Sampler: ~Copyable {
    private let pixels: UnsafeRawPointer
    private let width: Int
    private let height: Int
    private let pictureFromFrame: (scale: Float, x: Float, y: Float)

    /// `pixels` outlives the sampler; an empty part reads as black.
    @unsafe init(pixels: UnsafeRawBufferPointer, part: LoadedPart) {
        guard let start = pixels.baseAddress else { fatalError("a picture has memory") }
        precondition(max(part.width, 1) * max(part.height, 1) * 4 <= pixels.count, "the part exceeds its memory")
        unsafe self.pixels = start
        self.width = max(part.width, 1)
        self.height = max(part.height, 1)
        // The sample at a pixel's centre is the pixel itself.
        self.pictureFromFrame = (1 / Float(part.denominator), Float(-part.x) - 0.5, Float(-part.y) - 0.5)
    }

    /// One sample per output pixel's centre: factor · v + offset.
    func fill(
        _ output: inout MutableSpan<Float>, size: Int, by map: AffineMap, factor: SIMD4<Float>, offset: SIMD4<Float>
    ) {
        precondition(output.count >= size * size * 3, "\(size)×\(size) RGB samples need more room")
        unsafe output.withUnsafeMutableBufferPointer { output in
            guard var place = output.baseAddress else { return }
            for row in 0..<size {
                var (x, y, stepX, stepY) = start(row, map)
                for _ in 0..<size {
                    let value = pixel(x, y) * factor + offset
                    unsafe place[0] = value.x
                    unsafe place[1] = value.y
                    unsafe place[2] = value.z
                    unsafe place += 3
                    x += stepX
                    y += stepY
                }
            }
        }
    }

    /// Where a row of samples starts in the loaded picture, and the step from sample to sample.
    @inline(__always)
    private func start(_ row: Int, _ map: AffineMap) -> (x: Float, y: Float, stepX: Float, stepY: Float) {
        let first = map.apply(0.5, Double(row) + 0.5)
        let (scale, x, y) = pictureFromFrame
        return (Float(first.x) * scale + x, Float(first.y) * scale + y, Float(map.a) * scale, Float(map.c) * scale)
    }

    /// R, G, B between four pixels; beyond the edge the edge is repeated.
    @inline(__always)
    private func pixel(_ x: Float, _ y: Float) -> SIMD4<Float> {
        // Clamped as floats first, so that a wild map cannot overflow the integers; NaN becomes 0.
        let insideX = max(min(x, Float(width - 1)), 0)
        let insideY = max(min(y, Float(height - 1)), 0)
        let (left, top) = (Int(insideX), Int(insideY))
        let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
        let (shareX, shareY) = (insideX - Float(left), insideY - Float(top))
        let upper = blend(load(left, top), load(right, top), shareX)
        let lower = blend(load(left, bottom), load(right, bottom), shareX)
        return blend(upper, lower, shareY)
    }

    @inline(__always)
    private func load(_ x: Int, _ y: Int) -> SIMD4<Float> {
        let bytes = unsafe pixels.load(fromByteOffset: (y * width + x) * 4, as: SIMD4<UInt8>.self)
        return SIMD4<Float>(bytes)
    }

    @inline(__always)
    private func blend(_ first: SIMD4<Float>, _ second: SIMD4<Float>, _ share: Float) -> SIMD4<Float> {
        first + (second - first) * share
    }
}

extension Sampler {
    /// The side, in samples, at which quality is measured, so that near and far faces compare.
    ///
    /// Three rows of it fit into the 1 KiB up to which temporary memory is on the stack.
    private static let qualitySide = 80

    /// Native measures of a face square: see `FaceQuality`.
    ///
    /// Sharpness is the ratio of mean squared Laplacian to mean squared gradient over a grid of 80×80 samples;
    /// blur takes from the first faster than from the second (after Pech-Pacheco et al., ICPR 2000).
    func quality(in square: RotatedSquare, interEyeDistance: Double) -> FaceQuality {
        let side = Self.qualitySide
        let map = AffineMap.frameFromCrop(square, size: side)
        var tally = LumaTally()
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: side * 3) { rows in
            unsafe rows.initialize(repeating: 0)
            for row in 0..<side {
                var (x, y, stepX, stepY) = start(row, map)
                let line = row % 3 * side
                for column in 0..<side {
                    let luma = (pixel(x, y) * SIMD4(0.299, 0.587, 0.114, 0)).sum()
                    unsafe rows[line + column] = luma
                    tally.count(luma, isLeft: column < side / 2)
                    x += stepX
                    y += stepY
                }
                if row >= 2 {
                    unsafe tally.countEdges(rows, above: (row - 2) % 3 * side, (row - 1) % 3 * side, below: line)
                }
            }
            // The rows were pixels.
            unsafe rows.update(repeating: 0)
        }
        return tally.quality(interEyeDistance: interEyeDistance)
    }
}

/// Sums over the luma samples of one face.
private struct LumaTally {
    private var left: Float = 0
    private var right: Float = 0
    private var darkCount = 0
    private var brightCount = 0
    private var sampleCount = 0
    private var laplacian: Float = 0
    private var gradient: Float = 0

    @inline(__always)
    mutating func count(_ luma: Float, isLeft: Bool) {
        if isLeft { left += luma } else { right += luma }
        darkCount += luma < 25 ? 1 : 0
        brightCount += luma > 247 ? 1 : 0
        sampleCount += 1
    }

    @inline(__always)
    @unsafe mutating func countEdges(
        _ rows: UnsafeMutableBufferPointer<Float>, above: Int, _ middle: Int, below: Int
    ) {
        let side = rows.count / 3
        for column in 1..<side - 1 {
            let west = unsafe rows[middle + column - 1]
            let east = unsafe rows[middle + column + 1]
            let north = unsafe rows[above + column]
            let south = unsafe rows[below + column]
            let curvature = unsafe 4 * rows[middle + column] - west - east - north - south
            laplacian += curvature * curvature
            gradient += (east - west) * (east - west) + (south - north) * (south - north)
        }
    }

    func quality(interEyeDistance: Double) -> FaceQuality {
        let mean = (left + right) / Float(sampleCount)
        return FaceQuality(
            interEyeDistance: interEyeDistance,
            sharpness: Double(laplacian / max(gradient, 1)),
            luminanceMean: Double(mean),
            underExposedShare: Double(darkCount) / Double(sampleCount),
            overExposedShare: Double(brightCount) / Double(sampleCount),
            illuminationAsymmetry: Double(abs(left - right) / max((left + right) / 2, 1)))
    }
}
