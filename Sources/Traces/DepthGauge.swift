package import Biometrics
package import Cues
import Glibc
package import Imaging

/// Measures the parallax of a turned face against the neutral one, in the image.
///
/// The mesh tells only where on the face a place lies, how the places would shift if this were a head, and the
/// homography that brings both views together for a start: its own depth says "head" of every picture. All memory is
/// secure and made once; measuring allocates nothing. Thread-bound.
package struct DepthGauge: ~Copyable {
    private static let side = 192
    private static let leastPoints = 14

    private var neutral = GreyPyramid(width: side, height: side)
    private var turned = GreyPyramid(width: side, height: side)
    private var finder = CornerFinder(width: side, height: side)
    private var places = Places()
    /// What the mesh says about the neutral face: places in the crop, depth in face widths.
    private var rigidPlaces = SecureArray<SIMD2<Double>>(count: FacePoints.Index.rigid.count)
    private var depths = SecureArray<Double>(count: Places.capacity)
    private var crop = CropPoints()
    private var fit = ParallaxFit()
    private var centre = SIMD2<Double>.zero
    private var pose = HeadPose.frontal
    /// Pixels of the crop.
    private var faceWidth = 1.0

    package init() {}

    /// Whether the neutral face has enough to follow.
    package var isReady: Bool { places.count >= Self.leastPoints }

    /// Takes the neutral view; `square` surrounds the face, whose part of `picture` is loaded.
    package mutating func takeNeutral(
        _ points: borrowing FacePoints, pose: HeadPose, square: RotatedSquare, of picture: borrowing FramePicture
    ) {
        let map = AffineMap.frameFromCrop(square, size: Self.side)
        neutral.fill(with: picture, ProjectiveMap(map))
        crop.take(points, map)
        self.pose = pose
        faceWidth = max(crop.distance(FacePoints.Index.leftSide, FacePoints.Index.rightSide), 1)
        centre = crop[FacePoints.Index.noseTip]
        for index in FacePoints.Index.rigid.indices { rigidPlaces[index] = crop[FacePoints.Index.rigid[index]] }
        let mask = FaceMask(crop, faceWidth: faceWidth)
        finder.find(
            in: neutral, most: Places.capacity, quality: 0.002, spacing: Float(0.035 * faceWidth),
            where: mask.shows, into: &places)
        for index in 0..<places.count {
            depths[index] = crop.depth(at: SIMD2<Double>(places[index])) / (map.scale * faceWidth)
        }
    }

    /// Compares a turned view with the neutral one; `nil` when too few places can be followed.
    package mutating func measure(
        _ points: borrowing FacePoints, pose: HeadPose, of picture: borrowing FramePicture
    ) -> DepthPair? {
        guard isReady else { return nil }
        turned.fill(with: picture, frameFromNeutral(points))
        let turn = Turn(from: self.pose, to: pose)
        let flow = OpticalFlow(largestShift: Float(0.12 * faceWidth))
        fit.removeAll()
        for index in 0..<places.count {
            guard let shift = flow.shift(of: places[index], from: neutral, to: turned) else { continue }
            fit.add(
                at: (SIMD2<Double>(places[index]) - centre) / faceWidth, shift: SIMD2<Double>(shift) / faceWidth,
                model: turn.parallax * depths[index])
        }
        guard fit.count >= Self.leastPoints else { return nil }
        let sums = fit.sums()
        guard sums.isFinite else { return nil }
        let change = pose - self.pose
        return DepthPair(yaw: change.yaw, pitch: change.pitch, pointCount: fit.count, sums: sums)
    }

    /// The homography of the mesh's rigid points from the neutral crop to the frame.
    private borrowing func frameFromNeutral(_ points: borrowing FacePoints) -> ProjectiveMap {
        let middle = Double(Self.side) / 2
        var fit = HomographyFit()
        let origin = points.place(FacePoints.Index.noseTip)
        let scale = max(points.width, 1)
        for index in FacePoints.Index.rigid.indices {
            fit.add(
                (rigidPlaces[index] + 0.5 - middle) / middle,
                onto: (points.place(FacePoints.Index.rigid[index]) - origin) / scale)
        }
        return fit.solve().scaled(from: middle, to: scale, around: origin)
    }
}

extension ProjectiveMap {
    /// The same map of u·middle + middle instead of u, to v·scale + origin instead of v.
    fileprivate func scaled(from middle: Double, to scale: Double, around origin: SIMD2<Double>) -> ProjectiveMap {
        // u = x / middle - 1 in numerators and denominator alike.
        let (e, f) = (e / middle, f / middle)
        let base = 1 - (self.e + self.f)
        let affine = affine
        func row(_ a: Double, _ b: Double, _ t: Double, _ origin: Double) -> SIMD3<Double> {
            SIMD3(a / middle, b / middle, t - a - b) * scale + SIMD3(e, f, base) * origin
        }
        let x = row(affine.a, affine.b, affine.tx, origin.x) / base
        let y = row(affine.c, affine.d, affine.ty, origin.y) / base
        return ProjectiveMap(
            AffineMap(a: x.x, b: x.y, tx: x.z, c: y.x, d: y.y, ty: y.z), e: e / base, f: f / base)
    }
}

/// The turn between two poses, and the shift that it gives to what lies deeper.
private struct Turn {
    /// Face widths in the neutral view for each face width of depth, after the plane's own motion is taken out.
    let parallax: SIMD2<Double>

    init(from first: HeadPose, to second: HeadPose) {
        let (before, after) = (Self.axes(first), Self.axes(second))
        // after · beforeᵀ, of which the upper two rows are needed.
        func element(_ row: Int, _ column: Int) -> Double {
            after.0[row] * before.0[column] + after.1[row] * before.1[column] + after.2[row] * before.2[column]
        }
        let (a, b, c, d) = (element(0, 0), element(0, 1), element(1, 0), element(1, 1))
        let deep = SIMD2(element(0, 2), element(1, 2))
        let determinant = a * d - b * c
        parallax = SIMD2(d * deep.x - b * deep.y, a * deep.y - c * deep.x) / max(determinant, 0.1)
    }

    /// Where the head's own axes point, by the angles of `HeadPose`: roll first, then pitch, then yaw.
    private static func axes(_ pose: HeadPose) -> (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) {
        let (yaw, pitch, roll) = (pose.yaw * .pi / 180, pose.pitch * .pi / 180, pose.roll * .pi / 180)
        func turned(_ point: SIMD3<Double>) -> SIMD3<Double> {
            let rolled = SIMD2(cos(roll) * point.x - sin(roll) * point.y, sin(roll) * point.x + cos(roll) * point.y)
            let nodded = SIMD2(
                cos(pitch) * rolled.y - sin(pitch) * point.z, sin(pitch) * rolled.y + cos(pitch) * point.z)
            return SIMD3(
                cos(yaw) * rolled.x - sin(yaw) * nodded.y, nodded.x, sin(yaw) * rolled.x + cos(yaw) * nodded.y)
        }
        return (turned(SIMD3(1, 0, 0)), turned(SIMD3(0, 1, 0)), turned(SIMD3(0, 0, 1)))
    }
}
