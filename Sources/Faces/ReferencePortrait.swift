package import Biometrics
package import Imaging
import Ports

/// Why an ID portrait gives no reference.
package enum ReferenceFault: Fault, Hashable {
    /// `format` is what the file is instead.
    case notJPEG(format: String)
    case tooLarge(detail: String)
    case corrupt(detail: String)
    case noFace
    case severalFaces
    case tooSmall(interEyeDistance: Double)
    case tooBlurred
    case turnedAway

    package var problem: String {
        switch self {
        case .notJPEG(let format): "The portrait is \(format), not JPEG."
        case .tooLarge(let detail): "The portrait is too large: \(detail)."
        case .corrupt(let detail): "The portrait cannot be decoded: \(detail)."
        case .noFace: "The portrait shows no face."
        case .severalFaces: "The portrait shows more than one face."
        case .tooSmall(let distance): "The portrait's eyes are \(Int(distance)) pixels apart; 20 are needed."
        case .tooBlurred: "The portrait is too blurred to be compared."
        case .turnedAway: "The portrait does not show the face from the front."
        }
    }

    package var remedy: String {
        switch self {
        case .notJPEG: "Convert the portrait to JPEG with quality 90 or more before handing it over."
        case .tooLarge: "Scale the portrait to about 600×800 pixels, as baseline JPEG of less than 1 MiB."
        case .corrupt: "Read the document's chip again and hand the portrait over unchanged."
        case .noFace, .severalFaces, .turnedAway: "Hand over the document's portrait alone, upright and uncut."
        case .tooSmall, .tooBlurred: "Read the portrait from the document's chip instead of a scan, or scan it finer."
        }
    }
}

/// What an ID portrait must be; chips deliver as little as 102×126 pixels, so it has limits of its own.
private enum ReferenceLimit {
    static let byteCount = 1 << 20
    /// Pixels between the eyes; below, impostors come too near (measured).
    static let interEyeDistance = 20.0
    /// Below, blur moves a template by 0.45 and more (measured on 11 portraits).
    static let sharpness = 0.08
    /// Degrees; portraits show the face from the front.
    static let yaw = 20.0
}

/// Makes the reference template of an ID portrait, the mean over the portrait and its mirror image.
///
/// The analyser forgets its track. Asks `goesOn` between the parts of the work; what is thrown after a no means nothing.
package func referenceTemplate(
    of jpeg: RawSpan, analyser: inout FaceAnalyser, recogniser: inout FaceRecogniser,
    while goesOn: () -> Bool = { true }
) throws(ReferenceFault) -> Template {
    guard jpeg.byteCount <= ReferenceLimit.byteCount else {
        throw .tooLarge(detail: "\(jpeg.byteCount) bytes, more than 1 MiB")
    }
    let kind = PictureKind(of: jpeg)
    guard kind == .jpeg else { throw .notJPEG(format: kind?.rawValue ?? "no known picture") }
    defer { analyser.reset() }
    let face = try findFace(jpeg, &analyser, while: goesOn)
    guard face.quality.interEyeDistance >= ReferenceLimit.interEyeDistance else {
        throw .tooSmall(interEyeDistance: face.quality.interEyeDistance)
    }
    guard face.quality.sharpness >= ReferenceLimit.sharpness else { throw .tooBlurred }
    guard abs(face.pose.yaw) <= ReferenceLimit.yaw else { throw .turnedAway }
    guard goesOn(), let template = template(ofLastFaceOf: analyser, &recogniser) else { throw .noFace }
    return template
}

/// Makes a template of the largest face in a JPEG picture of any quality, the mean over it and its mirror image.
///
/// For measurements, which must not choose their pictures; `nil` when no face is found. The analyser forgets its
/// track.
package func template(
    ofLargestFaceIn jpeg: RawSpan, analyser: inout FaceAnalyser, recogniser: inout FaceRecogniser
) throws(ImagingFault) -> Template? {
    defer { analyser.reset() }
    guard try analyser.readPortrait(jpeg) != nil else { return nil }
    return template(ofLastFaceOf: analyser, &recogniser)
}

private func template(
    ofLastFaceOf analyser: borrowing FaceAnalyser, _ recogniser: inout FaceRecogniser
) -> Template? {
    var sum = TemplateSum(dimensions: recogniser.dimensions)
    recogniser.add(lastFaceOf: analyser, to: &sum)
    return sum.mean()
}

private func findFace(
    _ jpeg: RawSpan, _ analyser: inout FaceAnalyser, while goesOn: () -> Bool
) throws(ReferenceFault) -> FaceObservation {
    let face: FaceObservation?
    do throws(ImagingFault) {
        face = try analyser.readPortrait(jpeg, while: goesOn)
    } catch {
        switch error {
        case .corrupt(let detail): throw .corrupt(detail: detail)
        case .unsupported(let format): throw .notJPEG(format: format)
        case .tooLarge(let width, let height): throw .tooLarge(detail: "\(width)×\(height) pixels")
        }
    }
    guard analyser.faceCount <= 1 else { throw .severalFaces }
    guard let face else { throw .noFace }
    return face
}
