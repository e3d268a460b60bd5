import Biometrics
import Faces
import Foundation
import Imaging
import Platform

/// The templates of a list's pictures, one after the other in one block, as a block for each is more than the
/// kernel has mappings for.
struct PictureTemplates: ~Copyable {
    /// Pictures that gave no template, with the reason.
    private(set) var failures: [String] = []
    private let pictures: [String]
    /// The folder that their names start from, with its slash.
    private let root: String
    private var analyser: FaceAnalyser
    private var recogniser: FaceRecogniser
    private var templates: SecureBytes
    private var places: [String: Int] = [:]

    init(of pictures: [String], in root: String, pack: ModelPack) throws {
        let root = root.hasSuffix("/") ? root : root + "/"
        if let missing = pictures.first(where: { !FileManager.default.isReadableFile(atPath: root + $0) }) {
            throw LabFault(problem: "\(root)\(missing) cannot be read; is --root right?")
        }
        let analyser = try FaceAnalyser(pack: pack)
        let recogniser = try FaceRecogniser(pack: pack)
        self.pictures = pictures
        self.root = root
        self.analyser = analyser
        self.recogniser = recogniser
        self.templates = SecureBytes(
            count: pictures.count * pack.dimensions * MemoryLayout<Float>.size, holding: .templates)
    }

    /// Reads every picture once.
    mutating func fill() throws {
        var bar = ProgressBar("pictures", total: pictures.count)
        for picture in pictures {
            do {
                if let template = try template(of: picture) {
                    keep(template, of: picture)
                } else {
                    failures.append("\(picture): it shows no face that is found.")
                }
            } catch {
                failures.append("\(picture): \(error)")
            }
            bar.advance()
        }
    }

    private mutating func template(of picture: String) throws -> Template? {
        let file = try MappedFile(path: root + picture)
        return try file.withBytes { bytes throws(ImagingFault) in
            guard let kind = PictureKind(of: bytes) else { throw .corrupt(detail: "it is no known picture") }
            guard kind == .jpeg else { throw .unsupported(format: kind.rawValue) }
            return try Faces.template(ofLargestFaceIn: bytes, analyser: &analyser, recogniser: &recogniser)
        }
    }

    private mutating func keep(_ template: borrowing Template, of picture: String) {
        let place = places.count
        places[picture] = place
        templates.withMutableBytes { bytes in
            for index in 0..<template.dimensions {
                bytes.storeBytes(
                    of: template[index], toByteOffset: (place * template.dimensions + index) * 4, as: Float.self)
            }
        }
    }

    /// `nil` when one of the pictures gave no template.
    func distance(_ first: String, _ second: String) -> Double? {
        guard let first = places[first], let second = places[second] else { return nil }
        return template(at: first).distance(to: template(at: second))
    }

    private func template(at place: Int) -> Template {
        var template = Template(dimensions: recogniser.dimensions)
        templates.withBytes { bytes in
            for index in 0..<template.dimensions {
                let offset = (place * template.dimensions + index) * 4
                template[index] = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: Float.self)
            }
        }
        return template
    }
}
