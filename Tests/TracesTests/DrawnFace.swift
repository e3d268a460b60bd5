import Biometrics
import Frames
import Glibc
import Imaging
import Platform

/// A face with a speckled skin on a chosen surface, drawn by following each pixel back to the skin.
///
/// Lengths are in face widths, x right, y down, z away, as seen on a neutral face from the tip of the nose.
struct DrawnFace {
    /// What the skin lies on.
    enum Surface {
        case head
        case flat
        /// A cylinder of this radius, positive when it bulges toward the camera, with its axis so many degrees from
        /// the vertical.
        case bent(radius: Double, axis: Double)
        /// A head before which a flat sheet hides what lies farther than the line that way.
        case covered(way: SIMD2<Double>, line: Double)

        func depth(_ place: SIMD2<Double>) -> Double {
            switch self {
            case .head:
                let round = (place / SIMD2(0.75, 1.1))
                let nose = place / SIMD2(0.15, 0.22)
                return 0.9 * (1 - max(1 - (round * round).sum(), 0.02).squareRoot()) - 0.22 * exp(-(nose * nose).sum())
            case .flat: return 0
            case .covered(let way, let line):
                return (place * way).sum() > line ? -0.22 : Surface.head.depth(place)
            case .bent(let radius, let axis):
                let angle = axis * .pi / 180
                let across = place.x * cos(angle) + place.y * sin(angle)
                return (radius < 0 ? -1 : 1) * (abs(radius) - max(radius * radius - across * across, 0).squareRoot())
            }
        }
    }

    static let width = 640
    static let height = 480
    static let format = FrameFormat(.grey, width: width, height: height, stride: width)
    /// Pixels.
    static let faceWidth = 150.0
    private static let middle = SIMD2(320.0, 250.0)
    /// In face widths.
    private static let distance = 4.0

    var surface = Surface.head
    /// Degrees by which the surface is turned about the vertical axis.
    var yaw = 0.0
    /// Factor and offset on the brightness.
    var light = (gain: 1.0, offset: 0.0)
    var hasSkin = true
    /// Cr of a picture in colour, which is grey at 128; its values are of the video range.
    var red: UInt8?
    /// Linear light that is added to 1, by place.
    var lamp: ((SIMD2<Double>) -> Double)?

    private func project(_ place: SIMD2<Double>) -> SIMD2<Double> {
        let depth = surface.depth(place)
        let (cosine, sine) = (cos(yaw * .pi / 180), sin(yaw * .pi / 180))
        let (x, z) = (cosine * place.x - sine * depth, sine * place.x + cosine * depth)
        return SIMD2(x, place.y) * (Self.distance / (Self.distance + z)) * Self.faceWidth + Self.middle
    }

    var pixels: [UInt8] {
        var pixels = [UInt8](repeating: 90, count: Self.width * Self.height)
        for row in 130..<390 {
            for column in 200..<440 {
                let pixel = SIMD2(Double(column) + 0.5, Double(row) + 0.5)
                var place = (pixel - Self.middle) / Self.faceWidth
                for _ in 0..<20 { place += (pixel - project(place)) / Self.faceWidth * 0.8 }
                let tone = hasSkin ? Self.skin(place) : 128
                let lit = pow(1 + (lamp?(place) ?? 0), 1 / 2.2)
                pixels[row * Self.width + column] = UInt8(min(max(tone * lit * light.gain + light.offset, 0), 255))
            }
        }
        return pixels
    }

    /// The mesh's points, those of a turned face when the face is turned.
    var points: FacePoints {
        var points = FacePoints()
        for index in 0..<FacePoints.count {
            let place = Self.place(of: index)
            let spot = project(place)
            points[index] = SIMD3(spot.x, spot.y, Surface.head.depth(place) * Self.faceWidth)
        }
        return points
    }

    /// Around the face, as the analyser makes it.
    var square: RotatedSquare {
        RotatedSquare(centreX: Self.middle.x, centreY: Self.middle.y, side: 1.5 * Self.faceWidth, angle: 0)
    }

    func load(into picture: inout FramePicture) throws(ImagingFault) {
        var (pixels, format) = (pixels, Self.format)
        if let red {
            pixels += (0..<pixels.count / 2).map { $0 % 2 == 0 ? 128 : red }
            format = FrameFormat(.nv12, width: Self.width, height: Self.height, stride: Self.width)
        }
        try unsafe picture.loadRegion(
            pixels.span.bytes, format, box: Box(x: 0, y: 0, width: 640, height: 480), minimumSide: 640)
    }

    private static func place(of index: Int) -> SIMD2<Double> {
        typealias Index = FacePoints.Index
        if let corner = Index.oval.firstIndex(of: index) {
            let angle = Double(corner) / 18 * .pi
            return SIMD2(0.5 * sin(angle), -0.65 * cos(angle))
        }
        switch index {
        case Index.rightEyeOuter: return SIMD2(-0.33, -0.22)
        case Index.rightEyeInner: return SIMD2(-0.13, -0.22)
        case Index.leftEyeInner: return SIMD2(0.13, -0.22)
        case Index.leftEyeOuter: return SIMD2(0.33, -0.22)
        case Index.rightMouthCorner: return SIMD2(-0.17, 0.3)
        case Index.leftMouthCorner: return SIMD2(0.17, 0.3)
        case Index.noseTip: return .zero
        default:
            // Sunflower seeds.
            let radius = (Double(index) / 468).squareRoot()
            return SIMD2(0.48 * radius * cos(Double(index) * 2.4), 0.6 * radius * sin(Double(index) * 2.4))
        }
    }

    /// Value noise of two sizes.
    private static func skin(_ place: SIMD2<Double>) -> Double {
        128 + 60 * noise(place * 18) + 50 * noise(place * 31 + 100)
    }

    private static func noise(_ place: SIMD2<Double>) -> Double {
        let corner = place.rounded(.down)
        let share = place - corner
        let smooth = share * share * (3 - 2 * share)
        func value(_ x: Double, _ y: Double) -> Double {
            var hash = UInt64(bitPattern: Int64(corner.x + x) &* 73_856_093 ^ Int64(corner.y + y) &* 19_349_663)
            hash = (hash ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9
            hash = (hash ^ hash >> 32) &* 0x94D0_49BB_1331_11EB
            return Double(hash >> 40) / Double(1 << 24) - 0.5
        }
        let upper = value(0, 0) + (value(1, 0) - value(0, 0)) * smooth.x
        let lower = value(0, 1) + (value(1, 1) - value(0, 1)) * smooth.x
        return upper + (lower - upper) * smooth.y
    }
}
