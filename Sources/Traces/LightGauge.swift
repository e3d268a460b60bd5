package import Biometrics
package import Cues
import Glibc
package import Imaging
package import Platform
import Ports

/// Measures on many places of a face how its brightness follows the illuminators.
///
/// The light that a place sends is its albedo times what falls on it, so in logarithms an illuminator adds the same
/// everywhere on a sheet, and on a head what its side of the face gets (Lambert's law). What frames tell is kept in
/// secure memory that is made once; a frame allocates nothing. Thread-bound.
@safe package struct LightGauge: ~Copyable {
    private static let side = 192
    private static let mostFrames = 320
    /// Half a patch's side in face widths.
    private static let patchRadius = 0.035
    /// A patch with so large a share of its pixels clipped tells nothing.
    private static let saturatedShare: Float = 0.05
    /// The longest exposure of a frame, which may begin at its time.
    private static let exposure = Duration.milliseconds(40)
    /// What a camera may take to hold another exposure, from the begin of a run on; assumed.
    private static let holding = Duration.milliseconds(150)
    /// Between the delays that are tried.
    private static let delayStep = Duration.milliseconds(10)

    struct Frame: BitwiseCopyable {
        let time: Timestamp
        let pose: HeadPose
        /// As a share of the frame's width.
        let faceWidth: Double
    }

    private let luma: UnsafeMutablePointer<Float>
    /// Logarithms of the light of each patch, frame by frame.
    private let levels: UnsafeMutablePointer<Float>
    private var frames = SecureArray<Frame>(count: mostFrames)
    private var frameCount = 0
    /// Of so many frames one is kept, and so many come before the next of them.
    private var interval = 1
    private var skipCount = 0
    private var crop = CropPoints()
    private var patches = LightPatches()
    private let linear = GammaTable()

    package init() {
        let (pixels, numbers) = (Self.side * Self.side, Self.mostFrames * LightPatches.capacity)
        let memory = unsafe SecureMemory.allocate(
            (pixels + numbers) * MemoryLayout<Float>.stride, holding: .frames)
        unsafe self.luma = memory.bindMemory(to: Float.self, capacity: pixels + numbers)
        unsafe self.levels = luma + pixels
    }

    deinit { unsafe SecureMemory.free(luma) }

    package mutating func forget() {
        frameCount = 0
        (interval, skipCount) = (1, 0)
        patches.removeAll()
    }

    /// Takes in a frame; `square` surrounds the face, whose part of `picture` is loaded.
    package mutating func observe(
        _ points: borrowing FacePoints, pose: HeadPose, square: RotatedSquare, of picture: borrowing FramePicture,
        at time: Timestamp
    ) {
        if skipCount > 0 { return skipCount -= 1 }
        if frameCount == Self.mostFrames { thinOut() }
        skipCount = interval - 1
        let map = AffineMap.frameFromCrop(square, size: Self.side)
        crop.take(points, map)
        let width = crop.distance(FacePoints.Index.leftSide, FacePoints.Index.rightSide)
        guard width.isFinite else { return }
        if patches.count == 0 {
            patches.choose(on: crop, faceWidth: width, unit: map.scale, frameWidth: Double(picture.width))
        }
        let radius = max(Int((Self.patchRadius * width).rounded()), 1)
        let window = Window(of: patches, on: crop, radius: radius, side: Self.side)
        if window.width > 0 {
            var span = unsafe MutableSpan(_unsafeStart: luma, count: Self.side * Self.side)
            let start = map.starting(atX: Double(window.x), y: Double(window.y))
            picture.sampleUnclippedLuma(ProjectiveMap(start), width: window.width, height: window.height, into: &span)
        }
        frames[frameCount] = Frame(
            time: time, pose: pose, faceWidth: width * map.scale / Double(max(picture.width, 1)))
        for index in 0..<patches.count {
            let level = level(around: crop[patches.point(index)], radius: radius, in: window)
            unsafe levels[frameCount * LightPatches.capacity + index] = level
        }
        frameCount += 1
    }

    /// Keeps every second frame, and from now on takes half as many.
    private mutating func thinOut() {
        frameCount /= 2
        interval *= 2
        for index in 1..<frameCount {
            frames[index] = frames[2 * index]
            let row = unsafe levels + index * LightPatches.capacity
            unsafe row.update(from: levels + 2 * index * LightPatches.capacity, count: LightPatches.capacity)
        }
    }

    /// The logarithm of the mean light of a patch; NaN when it is too bright to tell or beyond the crop.
    private borrowing func level(around place: SIMD2<Double>, radius: Int, in window: Window) -> Float {
        let inside = Double(radius)...Double(Self.side - 1 - radius)
        guard inside.contains(place.x), inside.contains(place.y) else { return .nan }
        let (column, row) = (Int(place.x) - window.x, Int(place.y) - window.y)
        var (sum, bright): (Float, Float) = (0, 0)
        for y in row - radius...row + radius {
            let line = unsafe luma + y * window.width
            for x in column - radius...column + radius {
                let value = unsafe line[x]
                if value > FramePicture.clipping { bright += 1 }
                sum += linear[value]
            }
        }
        let count = Float((2 * radius + 1) * (2 * radius + 1))
        return bright > Self.saturatedShare * count ? .nan : log(max(sum / count, 1e-4))
    }

    // MARK: Reading

    /// What the illuminators did, by when they changed in each of at most two runs, in pictures that may be so late;
    /// `nil` when too little was seen.
    package borrowing func reading(_ runs: [[LightSwitch]], late delays: ClosedRange<Duration>) -> LightReading? {
        guard let delay = delay(of: runs, in: delays) else { return nil }
        let rows = rows(runs, late: delay) { Self.settledState(at: $0, $1) }
        return LightFit(rows: rows).reading(patches, delay: delay) { frame, patch in
            unsafe levels[frame * LightPatches.capacity + patch]
        }
    }

    /// The delay by which the illuminators explain the brightness best, frames around a change included.
    private borrowing func delay(of runs: [[LightSwitch]], in delays: ClosedRange<Duration>) -> Duration? {
        let means = (0..<frameCount).map { meanLevel($0) }
        var best: (delay: Duration, spread: Double)?
        var delay = delays.lowerBound
        while delay <= delays.upperBound {
            let rows = rows(runs, late: delay) { time, run in run.lastIndex { $0.end <= time } }
            let spread = LightFit(rows: rows.filter { means[$0.frame].isFinite }).spread { means[$0] }
            if let spread, spread < best?.spread ?? .infinity { best = (delay, spread) }
            delay += Self.delayStep
        }
        return best?.delay
    }

    /// Of the patches that tell something.
    private borrowing func meanLevel(_ frame: Int) -> Double {
        var (sum, count) = (0.0, 0.0)
        for patch in 0..<patches.count {
            let level = unsafe Double(levels[frame * LightPatches.capacity + patch])
            if !level.isNaN { (sum, count) = (sum + level, count + 1) }
        }
        return sum / count
    }

    private borrowing func rows(
        _ runs: [[LightSwitch]], late delay: Duration,
        _ state: (Timestamp, _ run: [LightSwitch]) -> Int?
    ) -> [LightFit.Row] {
        (0..<frameCount).compactMap { index in
            let frame = frames[index]
            let time = frame.time - delay
            // A frame of the second run may still show the end of the pause before it.
            guard let run = runs.lastIndex(where: { $0.first.map { $0.begin <= frame.time } ?? false }),
                time - runs[run][0].begin >= Self.holding, let state = state(time, runs[run])
            else { return nil }
            return LightFit.Row(
                time: (time - runs[run][0].begin).seconds, pose: frame.pose - frames[0].pose,
                illuminators: runs[run][state].illuminators, faceWidth: frame.faceWidth, frame: index, run: run,
                state: state)
        }
    }

    /// What lit the whole exposure of a frame; `nil` while the illuminators changed.
    private static func settledState(at time: Timestamp, _ switches: [LightSwitch]) -> Int? {
        guard let last = switches.lastIndex(where: { $0.end <= time }),
            time - switches[last].end >= LightSwitch.settling
        else { return nil }
        if last + 1 < switches.count, switches[last + 1].begin - time < exposure { return nil }
        return last
    }
}

/// The part of the crop in which all its patches lie, in pixels; empty when none does.
private struct Window {
    let x: Int
    let y: Int
    let width: Int
    let height: Int

    init(of patches: borrowing LightPatches, on crop: borrowing CropPoints, radius: Int, side: Int) {
        var (low, high) = (SIMD2(repeating: Double(side)), SIMD2(repeating: -1.0))
        for index in 0..<patches.count {
            let place = crop[patches.point(index)]
            guard place.x.isFinite, place.y.isFinite else { continue }
            (low, high) = (pointwiseMin(low, place), pointwiseMax(high, place))
        }
        let start = (low - Double(radius)).clamped(lowerBound: .zero, upperBound: .init(repeating: Double(side)))
        let end = (high + Double(radius + 1)).clamped(lowerBound: start, upperBound: .init(repeating: Double(side)))
        (x, y) = (Int(start.x), Int(start.y))
        (width, height) = (Int(end.x.rounded(.up)) - x, Int(end.y.rounded(.up)) - y)
    }
}

/// Gamma-coded values 0...255 as linear light 0...1, in steps of a quarter.
private struct GammaTable: ~Copyable {
    private var values = SecureArray<Float>(count: 1024)

    init() {
        for index in 0..<values.count { values[index] = powf((Float(index) + 0.5) / Float(values.count), 2.2) }
    }

    subscript(value: Float) -> Float { values[min(max(Int(value * 4), 0), 1023)] }
}
