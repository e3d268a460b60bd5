package import Biometrics
package import Cues
package import Imaging

/// Measures whether what lies around a face moves with it from one frame to a later one.
///
/// How the face moves is the mesh's word; where the surround goes is followed in the image. All memory is secure and
/// made once; measuring allocates nothing. Thread-bound.
package struct SurroundGauge: ~Copyable {
    /// Pixels of the frame as it is looked at; what the frame does not fill is not used.
    package static let width = 320
    private static let height = 180
    /// Places that are enough of either kind; more tell nothing new.
    private static let most = 32
    /// Pixels that a face or a place may go.
    private static let farthest: Float = 40
    /// Pixels from the frame's edge, where nothing can be followed.
    fileprivate static let edge: Float = 5

    private var earlier = GreyPyramid(width: width, height: height)
    private var later = GreyPyramid(width: width, height: height)
    private var finder = CornerFinder(width: width, height: height)
    private var places = Places()
    private var face = MeshPlaces()
    private var hasEarlier = false

    package init() {}

    /// Pixels of the frame for each one that is looked at.
    package static func scale(frameWidth: Int, frameHeight: Int) -> Double {
        max(Double(frameWidth) / Double(width), Double(frameHeight) / Double(height), 1)
    }

    package mutating func forget() { hasEarlier = false }

    /// Compares a frame, all of which is loaded, with the one before, if that is not forgotten; `nil` when the face
    /// hardly moved or too little of its surround can be followed.
    package mutating func observe(
        _ points: borrowing FacePoints, of picture: borrowing FramePicture
    ) -> SurroundPair? {
        let scale = Self.scale(frameWidth: picture.width, frameHeight: picture.height)
        let size = SIMD2<Float>(SIMD2(Double(picture.width), Double(picture.height)) / scale)
        later.fill(with: picture, ProjectiveMap(AffineMap(a: scale, b: 0, tx: 0, c: 0, d: scale, ty: 0)))
        let motion = face.motion(to: points, scale: scale)
        let pair = hasEarlier ? compare(Surround(face, frame: size), motion) : nil
        swap(&earlier, &later)
        face.take(points, scale: scale)
        hasEarlier = true
        return pair
    }

    private mutating func compare(_ surround: Surround, _ motion: Similarity) -> SurroundPair? {
        let way = motion.shift(of: surround.centre).length
        guard way < Self.farthest, way > Float(Thresholds.Surround.leastMotion) / 2 else { return nil }
        finder.find(
            in: earlier, most: Places.capacity, quality: 0.005, spacing: 5, where: { surround.isAny($0) },
            into: &places)
        let flow = OpticalFlow(largestMiss: 0.6, largestShift: Self.farthest)
        var ring = RingSums()
        var (sideCount, stillCount) = (0, 0)
        for index in 0..<places.count {
            let place = places[index]
            let isSide = surround.isSide(place)
            guard (isSide ? sideCount : ring.count) < Self.most,
                let shift = flow.shift(of: place, from: earlier, to: later)
            else { continue }
            if isSide {
                sideCount += 1
                if shift.length < Thresholds.Surround.still { stillCount += 1 }
            } else {
                ring.add(shift, expected: motion.shift(of: place))
            }
        }
        let isCameraStill =
            sideCount >= Thresholds.Surround.leastSidePlaces
            && Double(stillCount) >= Thresholds.Surround.stillShare * Double(sideCount)
        return ring.pair(isCameraStill: isCameraStill)
    }
}

/// What was followed between face and sides.
private struct RingSums {
    private(set) var count = 0
    private var followerCount = 0
    private var motion: Float = 0
    private var miss: Float = 0

    mutating func add(_ shift: SIMD2<Float>, expected: SIMD2<Float>) {
        let (way, error) = (expected.length, (shift - expected).length)
        count += 1
        motion += way
        miss += min(error, 1.5 * way)
        if error < 0.3 * way + 0.2 { followerCount += 1 }
    }

    func pair(isCameraStill: Bool) -> SurroundPair? {
        let mean = Double(motion) / Double(max(count, 1))
        guard count >= Thresholds.Surround.leastPlaces, mean > Thresholds.Surround.leastMotion else { return nil }
        return SurroundPair(
            motion: mean, miss: Double(miss) / Double(count), following: Double(followerCount) / Double(count),
            isCameraStill: isCameraStill)
    }
}

/// Where to look: a ring around the face above the chin, and the sides of the frame.
private struct Surround {
    let centre: SIMD2<Float>
    private let faceWidth: Float
    private let frame: SIMD2<Float>

    init(_ face: borrowing MeshPlaces, frame: SIMD2<Float>) {
        self.centre = face.middle
        self.faceWidth = max(face.width, 1)
        self.frame = frame
    }

    func isAny(_ place: SIMD2<Float>) -> Bool {
        let margin = SurroundGauge.edge
        guard place.x > margin, place.y > margin, place.x < frame.x - 1 - margin, place.y < frame.y - 1 - margin
        else { return false }
        let offset = (place - centre) / faceWidth
        // Faces are higher than wide, and so is what belongs to them.
        let reach = (offset / SIMD2(1, 1.25)).length
        guard reach >= 1.25 else { return false }
        return isSide(place) || reach < 2.6 && offset.y < 0.45
    }

    /// The outer eighths of the frame, clear of shoulders.
    func isSide(_ place: SIMD2<Float>) -> Bool {
        (place.x < frame.x / 8 || place.x > frame.x * 7 / 8) && abs(place.x - centre.x) > 1.9 * faceWidth
    }
}

/// The stiff points of a mesh in one frame, as pixels that are looked at.
private struct MeshPlaces: ~Copyable {
    private var places = SecureArray<SIMD2<Double>>(count: FacePoints.Index.rigid.count)
    private(set) var middle = SIMD2<Float>.zero
    private(set) var width: Float = 0

    mutating func take(_ points: borrowing FacePoints, scale: Double) {
        for index in FacePoints.Index.rigid.indices {
            places[index] = points.place(FacePoints.Index.rigid[index]) / scale - 0.5
        }
        let sides = points.place(FacePoints.Index.leftSide) + points.place(FacePoints.Index.rightSide)
        middle = SIMD2<Float>(sides / 2 / scale - 0.5)
        width = Float(points.width / scale)
    }

    /// The similarity that brings them nearest to where they lie later.
    func motion(to points: borrowing FacePoints, scale: Double) -> Similarity {
        let count = Double(FacePoints.Index.rigid.count)
        func later(_ index: Int) -> SIMD2<Double> { points.place(FacePoints.Index.rigid[index]) / scale - 0.5 }
        var (from, to) = (SIMD2<Double>.zero, SIMD2<Double>.zero)
        for index in FacePoints.Index.rigid.indices {
            from += places[index] / count
            to += later(index) / count
        }
        var (dot, cross, square) = (0.0, 0.0, 0.0)
        for index in FacePoints.Index.rigid.indices {
            let (a, b) = (places[index] - from, later(index) - to)
            dot += (a * b).sum()
            cross += a.x * b.y - a.y * b.x
            square += (a * a).sum()
        }
        square = max(square, 1)
        return Similarity(
            from: SIMD2<Float>(from), to: SIMD2<Float>(to), cosine: Float(dot / square), sine: Float(cross / square))
    }
}

/// A turn with a change of size, around one place that goes to another.
private struct Similarity {
    let from: SIMD2<Float>
    let to: SIMD2<Float>
    /// Times the change of size.
    let cosine: Float
    let sine: Float

    /// How far a place goes.
    func shift(of place: SIMD2<Float>) -> SIMD2<Float> {
        let offset = place - from
        let turned = SIMD2(cosine * offset.x - sine * offset.y, sine * offset.x + cosine * offset.y)
        return to + turned - place
    }
}

extension SIMD2<Float> {
    fileprivate var length: Float { (self * self).sum().squareRoot() }
}
