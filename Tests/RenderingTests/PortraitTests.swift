import Foundation
import Platform
import Rendering
import Support
import Testing

@Suite struct PortraitTests {
    private static let triangle: [SIMD3<UInt16>] = [[0, 1, 2]]
    private static let points = Array(repeating: SIMD3<Float>(10, 10, 0), count: Portrait.pointCount)
    private static let outline: [SIMD2<Float>] = [[0, 0], [60, 0], [30, 60]]

    private func portrait(
        side: Int = 64, bytes: Int = 64 * 64 * 3, points: [SIMD3<Float>] = points,
        triangles: [SIMD3<UInt16>] = triangle, outline: [SIMD2<Float>] = outline
    ) -> Portrait? {
        Portrait(
            side: side, pixels: SecureBytes(count: bytes, holding: .frames), points: points, triangles: triangles,
            outline: outline)
    }

    @Test func `a portrait whose parts fit together is taken`() {
        #expect(portrait() != nil)
    }

    @Test func `a portrait whose parts contradict each other is refused`() {
        #expect(portrait(bytes: 64 * 64) == nil)
        #expect(portrait(side: -64) == nil)
        #expect(portrait(side: .max) == nil)
        #expect(portrait(points: []) == nil)
        #expect(portrait(points: Self.points.dropLast() + [[.nan, 0, 0]]) == nil)
        #expect(portrait(points: Self.points.dropLast() + [[64, 0, 0]]) == nil)
        #expect(portrait(triangles: [[0, 1, 468]]) == nil)
        #expect(portrait(outline: []) == nil)
    }

    @Test func `a pack without the simulator's files is named`() {
        #expect(throws: SimulatorFault.packIncomplete(path: "/nowhere/simulator/portrait.rgb", Errno(ENOENT))) {
            try Portrait.astronaut(pack: "/nowhere")
        }
    }

    @Test func `a pack of cut files is refused`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let inner = folder.appending(path: "simulator")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        for name in ["portrait.rgb", "mesh.f32", "triangles.u16"] {
            try Data(count: 1000).write(to: inner.appending(path: name))
        }
        let path = folder.path(percentEncoded: false)
        #expect(throws: SimulatorFault.packDamaged(path: "\(path)/simulator")) { try Portrait.astronaut(pack: path) }
    }

    @Test func `artificial persons differ from the portrait and from each other`() {
        let numbers = Person.suitable.map(\.number)
        #expect(Set(numbers).count == numbers.count && !numbers.contains(0) && numbers.count >= 5)
    }
}
