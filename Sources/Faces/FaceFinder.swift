package import Biometrics
package import Frames
package import Imaging
import Platform

/// Finds everything that may be a face, so that it can be covered: rather one too many than one too few.
///
/// The network needs a face of 12 % of the width that it searches, so it searches the whole and overlapping squares.
/// Thread-bound.
package struct FaceFinder: ~Copyable {
    /// Far below what a verification believes in.
    private static let minimumScore = 0.2
    /// Of the frame's height.
    private static let squareShare = 0.75

    private var detector: FaceDetector
    private var picture = FramePicture()

    package init(pack: ModelPack) throws(PackFault) {
        detector = try FaceDetector(pack, minimumScore: Self.minimumScore)
    }

    /// Boxes in pixels of the frame; several may show the same face.
    package mutating func boxes(in bytes: RawSpan, _ format: FrameFormat) throws(ImagingFault) -> [Box] {
        try picture.loadWhole(bytes, format, minimumWidth: 2 * detector.side)
        detector.searchWhole(picture)
        var boxes = detector.detections.map(\.box)
        let (width, height) = (Double(picture.width), Double(picture.height))
        let side = height * Self.squareShare
        let columns = max(Int((width / side).rounded(.up)), 1)
        for row in 0..<2 {
            for column in 0..<columns {
                let share = columns > 1 ? Double(column) / Double(columns - 1) : 0.5
                let square = RotatedSquare(
                    centreX: side / 2 + (width - side) * share, centreY: side / 2 + (height - side) * Double(row),
                    side: side, angle: 0)
                detector.search(square, of: picture)
                boxes += detector.detections.map(\.box)
            }
        }
        return boxes
    }
}
