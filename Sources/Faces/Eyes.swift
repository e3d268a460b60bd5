import Biometrics
import Glibc
import Imaging

/// Measures how far eyes are open: MediaPipe's iris landmark network (Ablavatski et al., 2020).
///
/// The mesh alone cannot: it closes an eye by a quarter only, and a wink moves both.
struct Eyes: ~Copyable {
    /// The subject's own left and right.
    enum Side {
        case left, right
    }

    /// The contour of an eye comes first in the output: 9 points along the lower lid from the outer corner to the
    /// inner one, then 7 along the upper.
    private static let (outerCorner, innerCorner) = (0, 8)

    private var network: PackedNetwork

    init(_ pack: ModelPack) throws(PackFault) {
        self.network = try PackedNetwork(pack, .iris, outputs: [71 * 3])
    }

    /// The mean lid gap over the width of the eye, as `EyeOpening` defines it.
    mutating func opening(
        of side: Side, mesh: borrowing FaceMesh, in picture: borrowing FramePicture
    ) -> Double {
        show(side, mesh: mesh, in: picture)
        network.run()
        return network.withOutput(0) { contour in
            func distance(_ first: Int, _ second: Int) -> Double {
                let x = Double(contour[3 * first] - contour[3 * second])
                let y = Double(contour[3 * first + 1] - contour[3 * second + 1])
                return (x * x + y * y).squareRoot()
            }
            let gap = (distance(3, 11) + distance(4, 12) + distance(5, 13)) / 3
            return gap / max(distance(Self.outerCorner, Self.innerCorner), 1)
        }
    }

    /// Does only that part of `opening` that comes before the network.
    mutating func show(_ side: Side, mesh: borrowing FaceMesh, in picture: borrowing FramePicture) {
        // The network knows eyes on the picture's left; the other one is shown to it in a mirror.
        network.show(Self.square(around: side, mesh), of: picture, mirrored: side == .left)
    }

    private static func square(around side: Side, _ mesh: borrowing FaceMesh) -> RotatedSquare {
        let (outer, inner) =
            switch side {
            case .left: (mesh.points.place(FaceMesh.Point.leftEyeOuter), mesh.points.place(FaceMesh.Point.leftEyeInner))
            case .right:
                (mesh.points.place(FaceMesh.Point.rightEyeOuter), mesh.points.place(FaceMesh.Point.rightEyeInner))
            }
        let eyeLine = mesh.points.place(FaceMesh.Point.leftEyeOuter) - mesh.points.place(FaceMesh.Point.rightEyeOuter)
        let (centre, width) = ((outer + inner) / 2, inner - outer)
        return RotatedSquare(
            centreX: centre.x, centreY: centre.y, side: 2.3 * max(abs(width.x), abs(width.y)),
            angle: atan2(eyeLine.y, eyeLine.x))
    }
}
