import Biometrics
import Platform

/// Measures the luminance of a face square on a grid of fixed size, so that near and far faces compare.
@safe struct FaceMeasures: ~Copyable {
    private static let side = 64
    private static let mostTaps = 3
    private let grid: UnsafeMutablePointer<Float>
    /// One row of samples, behind the grid.
    private var line: UnsafeMutablePointer<Float> { unsafe grid + Self.side * Self.side }

    init() {
        let count = Self.side * (Self.side + Self.mostTaps)
        let memory = unsafe SecureMemory.allocate(count * MemoryLayout<Float>.stride)
        unsafe self.grid = memory.bindMemory(to: Float.self, capacity: count)
    }

    deinit { unsafe SecureMemory.free(grid) }

    /// See `FaceQuality`; `interEyeDistance` is passed on.
    borrowing func quality(
        of square: RotatedSquare, in sampler: borrowing Sampler, interEyeDistance: Double
    ) -> FaceQuality {
        fillGrid(with: square, from: sampler)
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

    /// Each place of the grid is the mean of as many samples as it takes to see every pixel.
    private borrowing func fillGrid(with square: RotatedSquare, from sampler: borrowing Sampler) {
        let side = Self.side
        let taps = min(sampler.samplesToSeeEveryPixel(step: square.side / Double(side)), Self.mostTaps)
        let map = AffineMap.frameFromCrop(square, size: side * taps)
        let weight = 1 / Float(taps * taps)
        for row in 0..<side {
            unsafe line.update(repeating: 0, count: side * taps)
            for tap in 0..<taps { addLumas(along: row * taps + tap, of: map, count: side * taps, from: sampler) }
            let places = unsafe grid + row * side
            for column in 0..<side {
                var sum = unsafe line[column * taps]
                for tap in 1..<taps { unsafe sum += line[column * taps + tap] }
                unsafe places[column] = sum * weight
            }
        }
    }

    /// Adds one row of samples to `line`.
    private borrowing func addLumas(
        along row: Int, of map: AffineMap, count: Int, from sampler: borrowing Sampler
    ) {
        sampler.walk(along: row, of: map, count: count) { column, colours in
            let place = unsafe UnsafeMutableRawPointer(line + column)
            let luma = colours.red * 0.299 + colours.green * 0.587 + colours.blue * 0.114
            let sum = unsafe place.load(as: SIMD4<Float>.self) + luma
            unsafe place.storeBytes(of: sum, as: SIMD4<Float>.self)
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
