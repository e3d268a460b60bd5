package import Biometrics
import Platform

/// Measures the luminance of a face on a grid of fixed size, so that near and far faces compare.
///
/// Its memory is secure and made once; measuring allocates nothing. Thread-bound.
@safe package struct FaceMeasures: ~Copyable {
    private static let side = 64
    private let grid: UnsafeMutablePointer<Float>

    package init() {
        let count = Self.side * Self.side
        let memory = unsafe SecureMemory.allocate(count * MemoryLayout<Float>.stride, holding: .frames)
        unsafe self.grid = memory.bindMemory(to: Float.self, capacity: count)
    }

    deinit { unsafe SecureMemory.free(grid) }

    /// See `FaceQuality`; `interEyeDistance` is passed on.
    ///
    /// `crop` is what `FramePicture.sample` made: `size`×`size` RGB of values `low`...`high`, with the face in the
    /// middle two thirds. `size` is a multiple of 96, such as the 192 of the mesh network.
    package borrowing func quality(
        ofCrop crop: Span<Float>, size: Int, low: Float, high: Float, interEyeDistance: Double
    ) -> FaceQuality {
        precondition(Self.canMeasure(size: size) && crop.count >= size * size * 3, "no crop has \(size) pixels a side")
        fillGrid(with: crop, size: size, low: low, scale: 255 / (high - low))
        let (left, right, darkCount, brightCount) = tones()
        let count = Double(Self.side * Self.side)
        return FaceQuality(
            interEyeDistance: interEyeDistance,
            sharpness: sharpness(),
            luminanceMean: (left + right) / count,
            underExposedShare: Double(darkCount) / count,
            overExposedShare: Double(brightCount) / count,
            illuminationAsymmetry: abs(left - right) / max((left + right) / 2, 1))
    }

    /// Whether a crop of `size` pixels a side divides into the grid and its margin.
    package static func canMeasure(size: Int) -> Bool { size > 0 && size % (side * 3 / 2) == 0 }

    /// Each place of the grid is the mean luma of a block of the crop.
    private borrowing func fillGrid(with crop: Span<Float>, size: Int, low: Float, scale: Float) {
        let (side, block, margin) = (Self.side, size * 2 / 3 / Self.side, size / 6)
        let weights = SIMD3<Float>(0.299, 0.587, 0.114) * (scale / Float(block * block))
        let offset = -low * scale
        unsafe crop.withUnsafeBufferPointer { crop in
            for row in 0..<side {
                for column in 0..<side {
                    var sum = SIMD3<Float>()
                    for y in 0..<block {
                        let start = ((margin + row * block + y) * size + margin + column * block) * 3
                        for place in stride(from: start, to: start + 3 * block, by: 3) {
                            unsafe sum += SIMD3(crop[place], crop[place + 1], crop[place + 2])
                        }
                    }
                    unsafe grid[row * side + column] = (sum * weights).sum() + offset
                }
            }
        }
    }

    private borrowing func tones() -> (left: Double, right: Double, darkCount: Int, brightCount: Int) {
        let side = Self.side
        var (left, right): (Float, Float) = (0, 0)
        var (darkCount, brightCount) = (0, 0)
        for row in 0..<side {
            for column in 0..<side {
                let luma = unsafe grid[row * side + column]
                if column < side / 2 { left += luma } else { right += luma }
                darkCount += luma < 25 ? 1 : 0
                brightCount += luma > 247 ? 1 : 0
            }
        }
        return (Double(left), Double(right), darkCount, brightCount)
    }

    private borrowing func sharpness() -> Double {
        let side = Self.side
        var (curvatures, slopes): (Float, Float) = (0, 0)
        for row in 1..<side - 1 {
            for column in 1..<side - 1 {
                let place = unsafe grid + (row * side + column)
                let (west, east) = unsafe (place[-1], place[1])
                let (north, south) = unsafe (place[-side], place[side])
                let curvature = unsafe 4 * place[0] - west - east - north - south
                curvatures += curvature * curvature
                slopes += (east - west) * (east - west) + (south - north) * (south - north)
            }
        }
        return Double(curvatures / max(slopes, 1))
    }
}
