import Biometrics
import Glibc

/// Places of a face that light from the left and from the right tell apart: nose and cheeks, no eyes and no mouth.
struct LightPatches: ~Copyable {
    static let capacity = 256
    /// Centimetres.
    private static let faceWidth = 14.5
    /// How many centimetres away such a face fills the frame's width, through a lens that sees 70° across.
    ///
    /// The farther a face is, the less its sides differ. Webcams see 60 to 78°.
    private static let fillingDistance = 10.4
    /// Centimetres from the lens.
    private static let distances = 30.0...120.0
    /// Centimetres from the lens: to its right, below it, and into the scene.
    private static let left = SIMD3(12.0, 0, 0)
    private static let right = SIMD3(-12.0, 0, 0)
    /// Surfaces that turn away further are hardly lit, and soon hidden.
    private static let leastFacing = 0.3
    /// Of the neighbours from which a normal is estimated, in face widths.
    private static let neighbourhood = 0.1

    private(set) var count = 0
    struct Patch {
        var point: Int
        /// In face widths from the middle.
        var place: SIMD2<Double>
        /// How much more the left illuminator gives than the right one, as a share of what both give on average.
        var contrast: Double
    }

    private var patches = SecureArray<Patch>(count: capacity)

    mutating func removeAll() { count = 0 }

    func point(_ index: Int) -> Int { patches[index].point }
    func place(_ index: Int) -> SIMD2<Double> { patches[index].place }
    func contrast(_ index: Int) -> Double { patches[index].contrast }

    /// Chooses the places on a face that looks straight ahead, and what a head would show there.
    ///
    /// The mesh's depth serves only to say what is expected. `unit` is pixels of the frame in one of the crop.
    mutating func choose(on crop: borrowing CropPoints, faceWidth: Double, unit: Double, frameWidth: Double) {
        count = 0
        guard faceWidth > 8 else { return }
        let mask = FaceMask(crop, faceWidth: faceWidth)
        let centre = crop[FacePoints.Index.noseTip]
        let seenDistance = Self.fillingDistance * frameWidth / (faceWidth * unit)
        let distance = min(max(seenDistance, Self.distances.lowerBound), Self.distances.upperBound)
        var mean = 0.0
        for index in 0..<FacePoints.count where count < Self.capacity {
            guard mask.shows(SIMD2<Float>(crop[index])), let normal = Self.normal(at: index, of: crop, faceWidth, unit),
                -normal.z > Self.leastFacing
            else { continue }
            let place = (crop[index] - centre) / faceWidth
            let depth = crop.depth(index) / unit / faceWidth
            let position = SIMD3(place.x, place.y, depth) * Self.faceWidth + SIMD3(0, 0, distance)
            let (fromLeft, fromRight) = (
                Self.irradiance(Self.left, position, normal), Self.irradiance(Self.right, position, normal)
            )
            patches[count] = Patch(point: index, place: place, contrast: fromLeft - fromRight)
            mean += (fromLeft + fromRight) / 2
            count += 1
        }
        guard mean > 0 else { return count = 0 }
        for index in 0..<count { patches[index].contrast *= Double(count) / mean }
    }

    /// Towards the camera, from the plane that fits the neighbours best; `nil` without enough of them.
    private static func normal(
        at index: Int, of crop: borrowing CropPoints, _ faceWidth: Double, _ unit: Double
    ) -> SIMD3<Double>? {
        let radius = neighbourhood * faceWidth
        var (xx, xy, yy, xz, yz, neighbours) = (0.0, 0.0, 0.0, 0.0, 0.0, 0)
        for other in 0..<FacePoints.count where other != index {
            let offset = crop[other] - crop[index]
            guard abs(offset.x) < radius, abs(offset.y) < radius else { continue }
            let depth = (crop.depth(other) - crop.depth(index)) / unit
            xx += offset.x * offset.x
            xy += offset.x * offset.y
            yy += offset.y * offset.y
            xz += offset.x * depth
            yz += offset.y * depth
            neighbours += 1
        }
        let determinant = xx * yy - xy * xy
        guard neighbours >= 4, determinant > 1e-9 else { return nil }
        let slope = SIMD2(yy * xz - xy * yz, xx * yz - xy * xz) / determinant
        return SIMD3(slope.x, slope.y, -1) / (1 + (slope * slope).sum()).squareRoot()
    }

    private static func irradiance(
        _ lamp: SIMD3<Double>, _ place: SIMD3<Double>, _ normal: SIMD3<Double>
    ) -> Double {
        let ray = lamp - place
        let square = (ray * ray).sum()
        return max((ray * normal).sum(), 0) / (square * square.squareRoot())
    }
}
