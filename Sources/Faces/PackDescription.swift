import Biometrics
import FoundationEssentials
import Platform

/// `pack.json`, format 1, checked.
struct PackDescription: Decodable {
    struct Input: Decodable {
        let width: Int
        let height: Int
        let channels: String
        let low: Float?
        let high: Float?
        let mean: [Float]?
        let scale: Float?
    }

    struct Model: Decodable {
        let file: String
        let sha256: String
        let licence: String
        let origin: String
        let input: Input
    }

    struct Alignment: Decodable {
        let size: Int
        let padding: Double
        let template: [[Double]]
        let meshPoints: [Int]
    }

    struct Thresholds: Decodable {
        let name: String
        let match: Double
        let nonMatch: Double
        let validation: String
    }

    /// Read before anything else, so that a later format is told apart from a broken one.
    private struct Format: Decodable {
        let format: Int
    }

    let name: String
    let models: [String: Model]
    let alignment: Alignment
    let metric: String
    let dimensions: Int
    /// The first is the default.
    let thresholds: [Thresholds]
    /// Of the file itself.
    private(set) var digest = Digest(of: RawSpan())

    private enum CodingKeys: CodingKey { case name, models, alignment, metric, dimensions, thresholds }

    init(file: String) throws(PackFault) {
        let bytes: Data
        do throws(Errno) {
            let file = try MappedFile(path: file)
            // A description is some kilobytes; the limit keeps a wrong file out of memory.
            bytes = file.count > 1 << 20 ? Data() : file.withBytes { unsafe $0.withUnsafeBytes { unsafe Data($0) } }
        } catch {
            throw .unreadable(file: file, error)
        }
        do {
            let format = try JSONDecoder().decode(Format.self, from: bytes).format
            guard format == 1 else { throw PackFault.unknownFormat(file: file, found: format) }
            self = try JSONDecoder().decode(Self.self, from: bytes)
            digest = Digest(of: Array(bytes))
        } catch let fault as PackFault {
            throw fault
        } catch {
            throw .malformed(file: file, detail: Self.explain(error))
        }
        if let detail = wrongValue { throw .malformed(file: file, detail: detail) }
    }

    /// The first value that cannot be meant; `nil` when all can.
    private var wrongValue: String? {
        for role in ModelPack.Role.allCases {
            guard let model = models[role.rawValue] else { return "models.\(role.rawValue) is missing" }
            if let detail = Self.wrongValue(model, role) { return "models.\(role.rawValue).\(detail)" }
        }
        if metric != "euclidean" { return "metric is \(metric), not euclidean" }
        if !(1...4096).contains(dimensions) { return "dimensions is \(dimensions)" }
        if alignment.size != models["recognition"]?.input.width {
            return "alignment.size is not the width of models.recognition.input"
        }
        if !(0...2).contains(alignment.padding) { return "alignment.padding is \(alignment.padding)" }
        let isTemplateRight =
            alignment.template.count == alignment.meshPoints.count
            && (3...16).contains(alignment.template.count)
            && alignment.template.allSatisfy { $0.count == 2 && $0.allSatisfy((-1...2).contains) }
        if !isTemplateRight { return "alignment.template and meshPoints are not 3 to 16 pairs of places and points" }
        if !alignment.meshPoints.allSatisfy((0..<FacePoints.count).contains) {
            return "alignment.meshPoints is \(alignment.meshPoints)"
        }
        for (place, set) in thresholds.enumerated() {
            if thresholds[..<place].contains(where: { $0.name == set.name }) {
                return "thresholds has two sets \(set.name)"
            }
            if !(set.match > 0 && set.match <= set.nonMatch && set.nonMatch < 100) {
                return "thresholds of \(set.name) are \(set.match) and \(set.nonMatch), not 0 < match ≤ nonMatch < 100"
            }
        }
        return nil
    }

    private static func wrongValue(_ model: Model, _ role: ModelPack.Role) -> String? {
        let input = model.input
        if model.file.isEmpty || model.file.contains("/") {
            return "file is \"\(model.file)\", not a name in the folder"
        }
        if input.width != input.height || !(16...1024).contains(input.width) {
            return "input is \(input.width)×\(input.height), not a square of 16 to 1024"
        }
        if input.channels != "RGB" { return "input.channels is \(input.channels), not RGB" }
        if let mean = input.mean, mean.count != 3 { return "input.mean has \(mean.count) values, not three" }
        if role == .recognition {
            guard let mean = input.mean, mean.allSatisfy({ (0...255).contains($0) }),
                let scale = input.scale,
                (0.001...65_536).contains(scale)
            else { return "input.mean and scale are not three of 0 to 255 and one of 0.001 to 65536" }
            return nil
        }
        guard let low = input.low, let high = input.high, low < high, (-256...256).contains(low), high <= 256 else {
            return "input.low and high are not −256 ≤ low < high ≤ 256"
        }
        return nil
    }

    /// Which key it was, as Foundation tells it.
    private static func explain(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            (context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: ".") + " is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(path(context)) has a value of the wrong type"
        case .dataCorrupted, .none: "it is no JSON"
        @unknown default: "it is no JSON"
        }
    }
}
