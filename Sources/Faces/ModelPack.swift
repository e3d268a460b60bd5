package import Biometrics
package import Platform
import Ports

/// The networks of one release with all that is needed to use them rightly: a folder with `pack.json`.
///
/// Making one checks every network's SHA-256; nothing stays open.
package struct ModelPack: Sendable {
    /// What a network is for.
    package enum Role: String, Hashable, Sendable, CaseIterable {
        case detector, mesh, iris, recognition
    }

    /// One file of the pack.
    package struct Model: Hashable, Sendable {
        package let role: Role
        package let file: String
        package let digest: Digest
        package let licence: String
        package let origin: String
        /// The picture's side in pixels; networks take squares of RGB.
        let side: Int
        /// What black and white pixels become.
        let low: Float
        let high: Float
        /// For recognition instead: subtracted from R, G and B, and what the difference is divided by.
        let mean: SIMD3<Float>
        let scale: Float
    }

    /// How a face is brought into the recognition network's picture.
    struct Alignment: Hashable, Sendable {
        /// Places of the mesh points in the unpadded picture, 0...1.
        let template: [SIMD2<Double>]
        let meshPoints: [Int]
        /// Border on each side, as a share of the unpadded picture.
        let padding: Double
    }

    package let name: String
    /// Of the description, which names every file with its own.
    package let digest: Digest
    package let models: [Model]
    /// What a policy that names no set compares with.
    package let thresholds: ComparisonThresholds
    private let otherThresholds: [ComparisonThresholds]
    /// Elements of a template.
    package let dimensions: Int
    let alignment: Alignment
    private let folder: String

    package init(folder: String) throws(PackFault) {
        let description = try PackDescription(file: folder + "/pack.json")
        self.digest = description.digest
        self.folder = folder
        self.name = description.name
        let sets = description.thresholds.map {
            ComparisonThresholds(name: $0.name, match: $0.match, nonMatch: $0.nonMatch)
        }
        guard let first = sets.first else {
            throw .malformed(file: folder + "/pack.json", detail: "thresholds names no set")
        }
        self.thresholds = first
        self.otherThresholds = Array(sets.dropFirst())
        self.dimensions = description.dimensions
        self.alignment = Alignment(
            template: description.alignment.template.map { SIMD2($0[0], $0[1]) },
            meshPoints: description.alignment.meshPoints, padding: description.alignment.padding)
        var models: [Model] = []
        for role in Role.allCases {
            guard let entry = description.models[role.rawValue] else { continue }
            let path = folder + "/" + entry.file
            let digest = try Self.digest(of: path, expected: entry.sha256)
            models.append(Model(role: role, entry: entry, digest: digest))
        }
        self.models = models
    }

    /// Reads the files again, and throws what has become wrong with them.
    package func verify() throws(PackFault) { _ = try ModelPack(folder: folder) }

    private static func digest(of path: String, expected: String) throws(PackFault) -> Digest {
        let digest: Digest
        do throws(Errno) {
            digest = try MappedFile(path: path).withBytes { Digest(of: $0) }
        } catch {
            throw .unreadable(file: path, error)
        }
        guard digest.description == expected else {
            throw .changed(file: path, expected: expected, found: digest.description)
        }
        return digest
    }

    /// What the sets of thresholds are called, the default first.
    package var thresholdSets: [String] { [thresholds.name] + otherThresholds.map(\.name) }

    /// The set of that name, or with `default` the first; `nil` where the pack has none of it.
    package func thresholds(named name: String) -> ComparisonThresholds? {
        name == "default" ? thresholds : ([thresholds] + otherThresholds).first { $0.name == name }
    }

    func path(of model: Model) -> String { folder + "/" + model.file }

    func model(for role: Role) throws(PackFault) -> Model {
        guard let model = models.first(where: { $0.role == role }) else {
            throw .malformed(file: folder + "/pack.json", detail: "models.\(role.rawValue) is missing")
        }
        return model
    }
}

extension ModelPack.Model {
    fileprivate init(role: ModelPack.Role, entry: PackDescription.Model, digest: Digest) {
        self.role = role
        self.file = entry.file
        self.digest = digest
        self.licence = entry.licence
        self.origin = entry.origin
        self.side = entry.input.width
        self.low = entry.input.low ?? 0
        self.high = entry.input.high ?? 1
        let mean = entry.input.mean ?? [0, 0, 0]
        self.mean = SIMD3(mean[0], mean[1], mean[2])
        self.scale = entry.input.scale ?? 1
    }
}

/// Why a model pack cannot be used.
package enum PackFault: Fault, Hashable {
    case unreadable(file: String, Errno)
    /// `pack.json` is no JSON, or a key is missing or has an impossible value.
    case malformed(file: String, detail: String)
    case unknownFormat(file: String, found: Int)
    /// Both hashes are SHA-256.
    case changed(file: String, expected: String, found: String)
    /// The file is as it should be, but is no network that this firmware can use in that place.
    case unusable(file: String, detail: String)

    package var problem: String {
        switch self {
        case .unreadable(let file, let errno): "\(file) cannot be read: \(errno)."
        case .malformed(let file, let detail): "\(file) is no description of a model pack: \(detail)."
        case .unknownFormat(let file, let found): "\(file) has format \(found), but this firmware reads format 1."
        case .changed(let file, let expected, let found):
            "\(file) has SHA-256 \(found), but the pack promises \(expected)."
        case .unusable(let file, let detail): "\(file) cannot be used: \(detail)."
        }
    }

    package var remedy: String {
        switch self {
        case .unreadable: "Install the model pack again and check that the service may read its folder."
        case .malformed: "Correct the named key, or install the model pack again."
        case .unknownFormat: "Install the model pack that belongs to this firmware, or update the firmware."
        case .changed: "Install the model pack again; if it happens again, replace the storage."
        case .unusable: "Use a pack that was made for this firmware by `device/models`."
        }
    }
}
