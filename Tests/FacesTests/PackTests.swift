import Biometrics
import Faces
import Foundation
import Platform
import Testing

@Suite struct PackTests {
    /// A pack with files of a few bytes, which have the right hashes but are no networks.
    private static func description(_ change: (inout [String: Any]) -> Void = { _ in }) -> [String: Any] {
        func model(_ role: String, _ input: [String: Any]) -> [String: Any] {
            let bytes = Array(role.utf8)
            let digest = unsafe Digest(of: bytes.span.bytes)
            return [
                "file": "\(role).tflite", "sha256": digest.description, "bytes": role.utf8.count, "licence": "CC0-1.0",
                "origin": "test", "input": input,
            ]
        }
        let picture: [String: Any] = ["width": 128, "height": 128, "channels": "RGB", "low": -1, "high": 1]
        let chip: [String: Any] = ["width": 150, "height": 150, "channels": "RGB", "mean": [1, 2, 3], "scale": 256]
        var pack: [String: Any] = [
            "format": 1, "name": "test", "metric": "euclidean", "dimensions": 128,
            "models": [
                "detector": model("detector", picture), "mesh": model("mesh", picture), "iris": model("iris", picture),
                "recognition": model("recognition", chip),
            ],
            "alignment": [
                "size": 150, "padding": 0.25, "meshPoints": [1, 2, 3],
                "template": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]],
            ],
            "thresholds": [
                ["name": "t", "match": 0.42, "nonMatch": 0.6, "validation": "none"],
                ["name": "careful", "match": 0.3, "nonMatch": 0.6, "validation": "none"],
            ],
            "unknownKey": true,
        ]
        change(&pack)
        return pack
    }

    /// Writes the pack into a folder of its own and reads it.
    private func read(_ pack: [String: Any], _ body: (String) throws -> Void = { _ in }) throws -> PackFault? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pack-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for role in ["detector", "mesh", "iris", "recognition"] {
            try Data(role.utf8).write(to: folder.appending(path: "\(role).tflite"))
        }
        try JSONSerialization.data(withJSONObject: pack).write(to: folder.appending(path: "pack.json"))
        try body(folder.path(percentEncoded: false))
        do throws(PackFault) {
            _ = try ModelPack(folder: folder.path(percentEncoded: false))
            return nil
        } catch {
            return error
        }
    }

    @Test func `a right pack tells its name, thresholds and hashes`() throws {
        let fault = try read(Self.description()) { folder in
            let pack = try ModelPack(folder: folder)
            #expect(pack.name == "test" && pack.dimensions == 128)
            #expect(pack.thresholds == ComparisonThresholds(name: "t", match: 0.42, nonMatch: 0.6))
            #expect(pack.thresholds(named: "default") == pack.thresholds)
            #expect(pack.thresholds(named: "careful")?.match == 0.3 && pack.thresholds(named: "other") == nil)
            #expect(pack.thresholdSets == ["t", "careful"])
            #expect(pack.models.map(\.role) == [.detector, .mesh, .iris, .recognition])
            #expect(pack.models.map(\.digest.description).allSatisfy { $0.count == 64 })
        }
        #expect(fault == nil)
    }

    @Test func `a changed file is named with both hashes`() throws {
        let fault = try read(Self.description()) { folder in
            try Data("other".utf8).write(to: URL(filePath: folder + "/mesh.tflite"))
        }
        guard case .changed(let file, let expected, let found) = fault else {
            Issue.record("another fault, or none: \(String(describing: fault))")
            return
        }
        #expect(file.hasSuffix("/mesh.tflite") && expected != found && found.count == 64)
        #expect(fault?.problem.contains(expected) == true && fault?.remedy.isEmpty == false)
    }

    @Test func `a missing file is named`() throws {
        let fault = try read(Self.description()) { folder in
            try FileManager.default.removeItem(atPath: folder + "/iris.tflite")
        }
        guard case .unreadable(let file, _) = fault else {
            Issue.record("another fault, or none: \(String(describing: fault))")
            return
        }
        #expect(file.hasSuffix("/iris.tflite"))
    }

    @Test func `a file that is no network is refused when it is needed`() throws {
        _ = try read(Self.description()) { folder in
            let pack = try ModelPack(folder: folder)
            #expect(throws: PackFault.self) { _ = try FaceRecogniser(pack: pack) }
            #expect(throws: PackFault.self) { _ = try FaceAnalyser(pack: pack) }
        }
    }

    @Test func `a later format is told apart from a broken one`() throws {
        let fault = try read(["format": 2, "other": 1])
        guard case .unknownFormat(_, let found) = fault else {
            Issue.record("another fault, or none: \(String(describing: fault))")
            return
        }
        #expect(found == 2)
    }

    private static let wrongs: [(words: String, change: @Sendable (inout [String: Any]) -> Void)] = [
        ("name is missing", { $0["name"] = nil }),
        (
            "thresholds.Index 0.match is missing",
            { $0["thresholds"] = [["name": "t", "nonMatch": 1, "validation": ""]] }
        ),
        ("thresholds names no set", { $0["thresholds"] = [String]() }),
        ("thresholds has two sets t", { setThresholds(&$0, 0.4, 0.6, 0.4, 0.6) }),
        ("dimensions has a value of the wrong type", { $0["dimensions"] = "128" }),
        ("dimensions is 0", { $0["dimensions"] = 0 }),
        ("metric is cosine", { $0["metric"] = "cosine" }),
        ("thresholds of t are 0.7 and 0.6", { setThresholds(&$0, 0.7, 0.6) }),
        ("thresholds of t are 0.42 and 100.0", { setThresholds(&$0, 0.42, 100) }),
        ("alignment.padding is -0.1", { set(&$0, "alignment", "padding", -0.1) }),
        ("alignment.size is not", { set(&$0, "alignment", "size", 151) }),
        ("alignment.meshPoints is [1, 2, 468]", { set(&$0, "alignment", "meshPoints", [1, 2, 468]) }),
        ("alignment.template and meshPoints", { set(&$0, "alignment", "meshPoints", [1, 2]) }),
        ("alignment.template and meshPoints", { set(&$0, "alignment", "template", [[0, 0], [0, 0], [0]]) }),
        ("models.iris is missing", { set(&$0, "models", "iris", nil) }),
        ("models.mesh.file is \"../mesh\"", { setModel(&$0, "mesh", "file", "../mesh") }),
        (
            "models.mesh.input is 128×64",
            { setModel(&$0, "mesh", "input", ["width": 128, "height": 64, "channels": "RGB", "low": 0, "high": 1]) }
        ),
        (
            "models.mesh.input.low and high",
            { setModel(&$0, "mesh", "input", ["width": 128, "height": 128, "channels": "RGB", "low": 1, "high": 0]) }
        ),
        (
            "models.mesh.input.channels is BGR",
            { setModel(&$0, "mesh", "input", ["width": 128, "height": 128, "channels": "BGR", "low": 0, "high": 1]) }
        ),
        (
            "models.mesh.input.mean has 1 values",
            {
                setModel(
                    &$0, "mesh", "input",
                    ["width": 128, "height": 128, "channels": "RGB", "low": 0, "high": 1, "mean": [1]])
            }
        ),
        (
            "models.recognition.input.mean",
            {
                setModel(
                    &$0, "recognition", "input",
                    ["width": 150, "height": 150, "channels": "RGB", "mean": [1, 2, 3], "scale": 0])
            }
        ),
    ]

    private static func set(_ pack: inout [String: Any], _ part: String, _ key: String, _ value: Any?) {
        var inner = pack[part] as? [String: Any] ?? [:]
        inner[key] = value
        pack[part] = inner
    }

    /// Sets of one name, each with its two values.
    private static func setThresholds(_ pack: inout [String: Any], _ values: Double...) {
        pack["thresholds"] = stride(from: 0, to: values.count, by: 2).map { place in
            ["name": "t", "match": values[place], "nonMatch": values[place + 1], "validation": "none"] as [String: Any]
        }
    }

    private static func setModel(_ pack: inout [String: Any], _ role: String, _ key: String, _ value: Any?) {
        var models = pack["models"] as? [String: Any] ?? [:]
        set(&models, role, key, value)
        pack["models"] = models
    }

    @Test(arguments: wrongs.indices) func `a wrong key is named`(index: Int) throws {
        let (words, change) = Self.wrongs[index]
        let fault = try read(Self.description(change))
        guard case .malformed(let file, let detail) = fault else {
            Issue.record("not \(words), but \(String(describing: fault))")
            return
        }
        #expect(file.hasSuffix("/pack.json") && detail.contains(words), "\(detail)")
    }

    @Test func `a file that is no JSON is refused`() throws {
        let fault = try read(Self.description()) { folder in
            try Data("{\"format\": 1".utf8).write(to: URL(filePath: folder + "/pack.json"))
        }
        #expect(fault?.problem.contains("it is no JSON") == true)
    }
}
