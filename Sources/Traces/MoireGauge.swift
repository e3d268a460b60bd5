package import Biometrics
package import Cues
import Glibc
package import Imaging
import Platform

/// Looks for periodic patterns on the face, as the pixels of a screen or the dots of a print leave them.
///
/// The tiles are taken from one frame and transformed two at a time, so that no frame takes long. All memory is secure
/// and made once; measuring allocates nothing. Thread-bound.
@safe package struct MoireGauge: ~Copyable {
    private static let mostTiles = 12
    /// Pixels between tiles.
    private static let step = 96
    /// How much of its surroundings' logarithm a peak may hide in their mean.
    private static let ceiling: Float = 1

    private var spectrum = Spectrum()
    private var tiles = SecureBytes(count: mostTiles * tileSize, holding: .frames)
    private var tileCount = 0
    private var doneCount = 0
    private let levels: UnsafeMutablePointer<Float>
    private let means: UnsafeMutablePointer<Float>

    private static let side = Spectrum.side
    private static let tileSize = side * side

    package init() {
        func make() -> UnsafeMutablePointer<Float> {
            unsafe SecureMemory.allocate(Self.tileSize * MemoryLayout<Float>.stride, holding: .frames)
                .bindMemory(to: Float.self, capacity: Self.tileSize)
        }
        unsafe (levels, means) = (make(), make())
    }

    deinit {
        unsafe SecureMemory.free(levels)
        unsafe SecureMemory.free(means)
    }

    /// What must be loaded at full size around a face in a frame, at most 512 pixels a side; `nil` when the frame is
    /// too small.
    package static func region(around face: Box, frameWidth: Int, frameHeight: Int) -> Box? {
        guard frameWidth >= side, frameHeight >= side, face.x.isFinite, face.y.isFinite, face.width.isFinite,
            face.height.isFinite
        else { return nil }
        func range(_ centre: Double, _ size: Double, _ limit: Int) -> (start: Double, length: Double) {
            let length = min(max(size, Double(side)), 512, Double(limit)).rounded()
            return (min(max(centre - length / 2, 0), Double(limit) - length).rounded(.down), length)
        }
        let (x, width) = range(face.centreX, face.width, frameWidth)
        let (y, height) = range(face.centreY, face.height, frameHeight)
        return Box(x: x, y: y, width: width, height: height)
    }

    /// Copies tiles of `region`, which is loaded at full size, and forgets those before.
    package mutating func start(_ region: Box, of picture: borrowing FramePicture) {
        spectrum.forget()
        (tileCount, doneCount) = (0, 0)
        let (x, y) = (Int(region.x), Int(region.y))
        let columns = max(Int(region.width) - Self.side, 0) / Self.step + 1
        let rows = max(Int(region.height) - Self.side, 0) / Self.step + 1
        for row in 0..<rows {
            for column in 0..<columns where tileCount < Self.mostTiles {
                let place = tileCount * Self.tileSize
                let isCopied = tiles.withMutableBytes { bytes in
                    unsafe bytes.withUnsafeMutableBytes { bytes in
                        var span = unsafe bytes.bindMemory(to: UInt8.self).extracting(place..<place + Self.tileSize)
                            .mutableSpan
                        return picture.copyLuma(
                            x: x + column * Self.step, y: y + row * Self.step, width: Self.side, height: Self.side,
                            into: &span)
                    }
                }
                if isCopied { tileCount += 1 }
            }
        }
    }

    /// Whether `advance` has something to do.
    package var isBusy: Bool { doneCount < tileCount }

    /// Transforms the next two tiles; returns the reading after the last.
    package mutating func advance() -> MoireReading? {
        guard isBusy else { return nil }
        let (first, second) = (doneCount, min(doneCount + 1, tileCount - 1))
        tiles.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                guard let start = unsafe bytes.bindMemory(to: UInt8.self).baseAddress else { return }
                unsafe spectrum.add(start + first * Self.tileSize, start + second * Self.tileSize)
            }
        }
        doneCount += 2
        return isBusy ? nil : read()
    }

    /// Compares each frequency with its surroundings.
    private func read() -> MoireReading {
        smoothLevels()
        blur(ceiling: .infinity)
        blur(ceiling: Self.ceiling)
        var counts = InlineArray<1024, Int32>(repeating: 0)
        var total: Int32 = 0
        func shelf(_ value: Float) -> Int { min(max(Int((value + 8) * 64), 0), 1023) }
        forEachFrequency { place in
            counts[shelf(unsafe levels[place] - means[place])] += 1
            total += 1
        }
        let middle = Self.quantile(counts, rank: total / 2)
        var deviations = InlineArray<1024, Int32>(repeating: 0)
        forEachFrequency { place in
            deviations[min(Int(abs(unsafe levels[place] - means[place] - middle) * 64), 1023)] += 1
        }
        let spread = 1.48 * (Self.quantile(deviations, rank: total / 2) + 8) + 0.001
        var strongest: Float = 0
        var count = 0
        forEachFrequency { place in
            let strength = unsafe (levels[place] - means[place] - middle) / spread
            strongest = max(strongest, strength)
            if strength > Float(Thresholds.Moire.countedPeak) { count += 1 }
        }
        return MoireReading(peak: Double(strongest), peakCount: count)
    }

    /// The value below which `rank` of the counted ones lie.
    private static func quantile(_ counts: InlineArray<1024, Int32>, rank: Int32) -> Float {
        var sum: Int32 = 0
        for index in 0..<1024 {
            sum += counts[index]
            if sum > rank { return (Float(index) + 0.5) / 64 - 8 }
        }
        return 8
    }

    /// The half plane without slow waves and without the axes, on which the blocks of JPEG and video lie.
    private func forEachFrequency(_ body: (_ place: Int) -> Void) {
        for y in -64..<64 where abs(y) > 1 {
            for x in 2..<64 where x * x + y * y > 80 { body((y & 127) * Self.side + x) }
        }
    }

    /// The logarithm of the power, smoothed with 1 2 1 both ways.
    private func smoothLevels() {
        let side = Self.side
        for y in 0..<side {
            for x in 0..<side { unsafe means[y * side + x] = logf(spectrum[x, y] + 1e-3) }
        }
        for y in 0..<side {
            for x in 0..<side {
                func at(_ dx: Int, _ dy: Int) -> Float { unsafe means[((y + dy) & 127) * side + ((x + dx) & 127)] }
                let edges = at(-1, 0) + at(1, 0) + at(0, -1) + at(0, 1)
                let corners = at(-1, -1) + at(1, -1) + at(-1, 1) + at(1, 1)
                unsafe levels[y * side + x] = (4 * at(0, 0) + 2 * edges + corners) / 16
            }
        }
    }

    /// Means over 15×15 frequencies, of levels up to `ceiling` above the means before.
    private func blur(ceiling: Float) {
        let side = Self.side
        for place in 0..<side * side {
            unsafe means[place] = min(levels[place], means[place] + ceiling)
        }
        for y in 0..<side { unsafe Self.slide(means + y * side, by: 1) }
        for x in 0..<side { unsafe Self.slide(means + x, by: side) }
    }

    /// Replaces a line of 128 values, which repeats, by means over 15.
    @unsafe private static func slide(_ line: UnsafeMutablePointer<Float>, by step: Int) {
        var values = InlineArray<128, Float>(repeating: 0)
        for index in 0..<side { unsafe values[index] = line[index * step] }
        var sum: Float = 0
        for index in -7...7 { sum += values[index & 127] }
        for index in 0..<side {
            unsafe line[index * step] = sum / 15
            sum += values[(index + 8) & 127] - values[(index - 7) & 127]
        }
    }
}
