import Foundation
import Testing
import Trials

/// Rooms that touch the outside; only doors choose among them.
private let adapters: Set = ["V4L2Camera", "GPIOLights", "Recording", "Simulator"]
private let doors: Set = ["portraitd", "portraitctl", "portraitlab"]
/// A room around the simulated counter, which no device has.
private let bench = "Trials"

private let simulated: Set = ["Rendering", "Presentations", "Simulator"]
private let graders: Set = ["Faces", "Cues", "Traces", "Liveness", "Inference", "Session"]

/// The only files that may use FoundationEssentials, all of them off the frame path.
private let jsonRooms: Set = [
    "Interface", "Varlink", "Evidence", "Service", "Faces", "portraitd", "portraitctl", "portraitlab",
]

private struct Room: Decodable {
    struct Dependency: Decodable {
        let name: String

        init(from decoder: any Decoder) throws {
            let parts = try decoder.container(keyedBy: Key.self)
            var list = try parts.nestedUnkeyedContainer(forKey: parts.contains(.byName) ? .byName : .target)
            self.name = try list.decode(String.self)
        }

        private enum Key: String, CodingKey { case byName, target }
    }

    let name: String
    let dependencies: [Dependency]
    let path: String?
}

@Suite struct ImportRuleTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    /// The rooms in the order of README's map; a room imports only what stands above it.
    private static let order: [String] = {
        let text = (try? String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)) ?? ""
        return text.matches(of: /(?m)^\| ((?:`[A-Za-z0-9]+` ?)+)\|/).flatMap { row in
            row.1.matches(of: /`([A-Za-z0-9]+)`/).map { String($0.1) }
        }
    }()

    /// The manifest as SwiftPM reads it, without the locks and caches of the build that runs this test.
    ///
    /// Through a file: a pipe stays open as long as any process that another test started meanwhile.
    private static let rooms: [Room] = {
        struct Manifest: Decodable { let targets: [Room] }
        let folder = FileManager.default.temporaryDirectory.appending(path: "portraitd-manifest-\(getpid())")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "manifest.json")
        guard FileManager.default.createFile(atPath: file.path(percentEncoded: false), contents: nil),
            let output = try? FileHandle(forWritingTo: file)
        else { return [] }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", root.path(percentEncoded: false), "--scratch-path",
            folder.appending(path: "build").path(percentEncoded: false), "--cache-path",
            folder.appending(path: "cache").path(percentEncoded: false), "--manifest-cache", "none", "dump-package",
        ]
        process.standardOutput = output
        guard (try? process.run()) != nil else { return [] }
        process.waitUntilExit()
        guard let data = try? Data(contentsOf: file) else { return [] }
        return (try? JSONDecoder().decode(Manifest.self, from: data).targets) ?? []
    }()

    private func imports(of room: Room) throws -> [(file: String, module: String)] {
        let folder = Self.root.appending(
            path: room.path ?? (room.name.hasSuffix("Tests") ? "Tests/" : "Sources/") + room.name)
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
        return try files.filter { $0.pathExtension == "swift" }.flatMap { file in
            try String(contentsOf: file, encoding: .utf8)
                .matches(of: /(?m)^\s*(?:@\w+ )*(?:package |public |internal |private )?import (?:\w+ )?(\w+)/)
                .map { (file.lastPathComponent, String($0.1)) }
        }
    }

    @Test func `the manifest can be read and every room has a place in the order`() {
        let shipped = Self.rooms.filter { !($0.path ?? "").hasPrefix("Tests/") && !$0.name.hasSuffix("Tests") }
        #expect(shipped.count >= 10)
        #expect(Self.order.sorted() == shipped.map(\.name).sorted(), "README.md's map has all rooms, and no other")
    }

    @Test func `rooms import only their direct dependencies`() throws {
        let own = Set(Self.rooms.map(\.name))
        for room in Self.rooms {
            let declared = Set(room.dependencies.map(\.name))
            for (file, module) in try imports(of: room) where own.contains(module) {
                #expect(declared.contains(module), "\(file): \(room.name) imports \(module) without declaring it")
            }
        }
    }

    /// A room and all that it depends on, directly or not.
    private func reach(of room: String) -> Set<String> {
        let dependencies = Dictionary(uniqueKeysWithValues: Self.rooms.map { ($0.name, $0.dependencies.map(\.name)) })
        var (reached, waiting) = (Set([room]), [room])
        while let room = waiting.popLast() {
            for other in dependencies[room] ?? [] where reached.insert(other).inserted { waiting.append(other) }
        }
        return reached
    }

    @Test func `trials are named by all that plays them`() {
        #expect(reach(of: bench).sorted() == trialRooms.sorted())
    }

    @Test func `what is simulated does not know what it is graded by`() {
        for room in simulated { #expect(reach(of: room).isDisjoint(with: graders), "\(room)") }
    }

    @Test func `rooms depend only on what stands above them`() {
        let place = Dictionary(uniqueKeysWithValues: Self.order.enumerated().map { ($1, $0) })
        for room in Self.rooms {
            guard let level = place[room.name] else { continue }
            for dependency in room.dependencies.map(\.name) {
                guard let other = place[dependency] else { continue }
                #expect(other < level, "\(room.name) must not depend on \(dependency)")
                if adapters.contains(dependency) {
                    #expect(
                        doors.contains(room.name) || room.name == bench,
                        "only a door may depend on \(dependency), not \(room.name)")
                }
            }
        }
    }

    @Test func `no shipped program uses Foundation, and the frame path not even its essentials`() throws {
        for room in Self.rooms where Self.order.contains(room.name) && room.name != "portraitlab" {
            for (file, module) in try imports(of: room) {
                #expect(module != "Foundation", "\(file): Foundation costs 44 MB")
                #expect(module != "Dispatch", "\(file): threads are WorkerThread's")
                if module == "FoundationEssentials" {
                    #expect(jsonRooms.contains(room.name), "\(file): \(room.name) is on the frame path")
                }
            }
        }
    }
}
