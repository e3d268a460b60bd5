package import Biometrics
package import Frames
import Glibc
package import Imaging
import Platform

/// Finds faces: MediaPipe's BlazeFace short-range network (Bazarevsky et al., 2019).
struct FaceDetector: ~Copyable {
    /// A face in pixels of the frame.
    struct Detection {
        /// The network's belief that it is a face, 0...1.
        var score: Double
        var box: Box
        /// The eye on the picture's left, which is the subject's right one.
        var leftEye: SIMD2<Double>
        var rightEye: SIMD2<Double>

        /// The square that the mesh network wants for this face.
        var square: RotatedSquare { .aroundFace(box, leftEye: leftEye, rightEye: rightEye) }
    }

    private static let maximumOverlap = 0.3
    /// Two anchors in each of 16×16 cells, then six in each of 8×8.
    private static let anchorCount = 896
    private static let numbersPerAnchor = 16
    private static let maximumCandidates = 128
    private static let maximumDetections = 8

    /// The faces that the last run found, the largest first; at most 8.
    private(set) var detections: [Detection] = []
    /// Pixels of the square that is searched.
    var side: Int { network.side }
    /// Overlapping finds, the best first.
    private var candidates: [Detection] = []
    private var network: PackedNetwork
    private let minimumScore: Double

    /// Finds whatever it believes in by `minimumScore` or more.
    init(_ pack: ModelPack, minimumScore: Double = 0.5) throws(PackFault) {
        self.minimumScore = minimumScore
        self.network = try PackedNetwork(
            pack, .detector, outputs: [Self.anchorCount, Self.anchorCount * Self.numbersPerAnchor])
        detections.reserveCapacity(Self.maximumDetections)
        candidates.reserveCapacity(Self.maximumCandidates)
    }

    /// Searches the whole frame, which is loaded at `side` pixels or more.
    mutating func searchWhole(_ picture: borrowing FramePicture) {
        collect(network.runOnWhole(picture))
    }

    /// Searches one square of the frame.
    mutating func search(_ square: RotatedSquare, of picture: borrowing FramePicture) {
        network.run(on: square, of: picture)
        collect(.frameFromCrop(square, size: network.side))
    }

    private mutating func collect(_ frameFromCrop: AffineMap) {
        candidates.removeAll(keepingCapacity: true)
        for anchor in 0..<Self.anchorCount {
            let score = network.withOutput(0) { Double($0[anchor]) }
            let belief = 1 / (1 + exp(-min(max(score, -100), 100)))
            guard belief >= minimumScore else { continue }
            insertCandidate(detection(at: anchor, belief, frameFromCrop))
        }
        mergeCandidates()
    }

    private func detection(at anchor: Int, _ score: Double, _ frameFromCrop: AffineMap) -> Detection {
        let side = Double(network.side)
        let centre = Self.centre(ofAnchor: anchor) * side
        return network.withOutput(1) { numbers in
            func point(_ index: Int) -> SIMD2<Double> {
                let first = anchor * Self.numbersPerAnchor + index
                let place = centre + SIMD2(Double(numbers[first]), Double(numbers[first + 1])) * (side / 128)
                let (x, y) = frameFromCrop.apply(place.x, place.y)
                return SIMD2(x, y)
            }
            let size = anchor * Self.numbersPerAnchor + 2
            let scale = frameFromCrop.scale * side / 128
            let (width, height) = (Double(numbers[size]) * scale, Double(numbers[size + 1]) * scale)
            let middle = point(0)
            return Detection(
                score: score, box: Box(x: middle.x - width / 2, y: middle.y - height / 2, width: width, height: height),
                leftEye: point(4), rightEye: point(6))
        }
    }

    /// In shares of the picture.
    private static func centre(ofAnchor anchor: Int) -> SIMD2<Double> {
        let isFine = anchor < 512
        let cell = isFine ? anchor / 2 : (anchor - 512) / 6
        let cells = isFine ? 16 : 8
        return SIMD2(Double(cell % cells) + 0.5, Double(cell / cells) + 0.5) / Double(cells)
    }

    private mutating func insertCandidate(_ candidate: Detection) {
        guard candidate.square.isUsable else { return }
        if candidates.count == Self.maximumCandidates {
            guard candidates[Self.maximumCandidates - 1].score < candidate.score else { return }
            candidates.removeLast()
        }
        candidates.append(candidate)
        var place = candidates.count - 1
        while place > 0, candidates[place - 1].score < candidate.score {
            candidates[place] = candidates[place - 1]
            place -= 1
        }
        candidates[place] = candidate
    }

    /// Makes one detection of those that overlap with the best one, weighted by score, and so on with the rest.
    private mutating func mergeCandidates() {
        detections.removeAll(keepingCapacity: true)
        while !candidates.isEmpty, detections.count < Self.maximumDetections {
            let best = candidates[0]
            var sum = WeightedDetection()
            var keptCount = 0
            for index in candidates.indices {
                if index == 0 || candidates[index].box.overlap(with: best.box) > Self.maximumOverlap {
                    sum.add(candidates[index])
                } else {
                    candidates[keptCount] = candidates[index]
                    keptCount += 1
                }
            }
            while candidates.count > keptCount { candidates.removeLast() }
            let merged = sum.mean(score: best.score)
            detections.append(merged)
            var place = detections.count - 1
            while place > 0, detections[place - 1].box.width < merged.box.width {
                detections[place] = detections[place - 1]
                place -= 1
            }
            detections[place] = merged
        }
    }
}

private struct WeightedDetection {
    private var weight = 0.0
    private var corner = SIMD4<Double>.zero
    private var eyes = SIMD4<Double>.zero

    mutating func add(_ detection: FaceDetector.Detection) {
        let box = detection.box
        weight += detection.score
        corner += SIMD4(box.x, box.y, box.width, box.height) * detection.score
        eyes += SIMD4(lowHalf: detection.leftEye, highHalf: detection.rightEye) * detection.score
    }

    func mean(score: Double) -> FaceDetector.Detection {
        let (box, eyes) = (corner / weight, eyes / weight)
        return FaceDetector.Detection(
            score: score, box: Box(x: box.x, y: box.y, width: box.z, height: box.w), leftEye: eyes.lowHalf,
            rightEye: eyes.highHalf)
    }
}

extension Box {
    /// Intersection over union, 0...1.
    fileprivate func overlap(with other: Box) -> Double {
        let sharedWidth = min(x + width, other.x + other.width) - max(x, other.x)
        let sharedHeight = min(y + height, other.y + other.height) - max(y, other.y)
        let shared = max(sharedWidth, 0) * max(sharedHeight, 0)
        return shared / max(width * height + other.width * other.height - shared, .leastNormalMagnitude)
    }
}

extension RotatedSquare {
    /// 1.5 times the longer side of a face's box, turned so that the eyes are level.
    static func aroundFace(_ box: Box, leftEye: SIMD2<Double>, rightEye: SIMD2<Double>) -> RotatedSquare {
        let eyeLine = rightEye - leftEye
        return RotatedSquare(
            centreX: box.centreX, centreY: box.centreY, side: 1.5 * max(box.width, box.height),
            angle: atan2(eyeLine.y, eyeLine.x))
    }

    /// Whether it can be cut out: finite, and neither a point nor larger than any frame.
    var isUsable: Bool {
        (8...100_000).contains(side) && abs(centreX) < 100_000 && abs(centreY) < 100_000 && angle.isFinite
    }

    /// The upright rectangle that covers it, grown by `margin`.
    func bounds(margin: Double) -> Box {
        let extent = side * margin * (abs(cos(angle)) + abs(sin(angle)))
        return Box(x: centreX - extent / 2, y: centreY - extent / 2, width: extent, height: extent)
    }

    /// Distance of the centres, as a share of this square's side.
    func offset(to other: RotatedSquare) -> Double {
        let (x, y) = (other.centreX - centreX, other.centreY - centreY)
        return (x * x + y * y).squareRoot() / side
    }
}

/// Finds everything that may be a face, so that it can be covered: rather one too many than one too few.
///
/// The network needs a face of 12 % of the width that it searches, so it searches the whole and overlapping squares.
/// Thread-bound.
package struct FaceFinder: ~Copyable {
    /// Far below what a verification believes in.
    private static let minimumScore = 0.2
    /// Of the frame's height.
    private static let squareShare = 0.75
    /// A frame that is wider is searched in larger squares.
    private static let mostColumns = 8

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
        for square in Self.squares(width: Double(picture.width), height: Double(picture.height)) {
            detector.search(square, of: picture)
            boxes += detector.detections.map(\.box)
        }
        return boxes
    }

    /// What is searched beside the whole, so that it covers a frame of this size.
    static func squares(width: Double, height: Double) -> [RotatedSquare] {
        let side = max(height * squareShare, width / Double(mostColumns))
        let columns = max(Int((width / side).rounded(.up)), 1)
        return (0..<2 * columns).map { index in
            let share = columns > 1 ? Double(index % columns) / Double(columns - 1) : 0.5
            return RotatedSquare(
                centreX: side / 2 + (width - side) * share,
                centreY: side / 2 + (height - side) * Double(index / columns), side: side, angle: 0)
        }
    }
}
