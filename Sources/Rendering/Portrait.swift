package import Biometrics
package import Platform
import Ports

/// The picture and the mesh that simulated persons are made of.
///
/// Immutable, so that all threads may share it.
package final class Portrait: Sendable {
    /// Points of MediaPipe's face mesh.
    package static let pointCount = 468

    /// Pixels of one side of the square picture.
    let side: Int
    /// RGB, three bytes a pixel, top row first.
    let pixels: SecureBytes
    /// Pixels of the picture: x right, y down, z away from the camera with 0 near the middle of the head.
    let points: [SIMD3<Float>]
    /// Indices into `points`; eyes and mouth are filled.
    let triangles: [SIMD3<UInt16>]
    /// How the head is held in the picture.
    let pose: HeadPose
    /// Where the person ends and the background begins, a closed line in pixels.
    let outline: [SIMD2<Float>]

    /// Returns `nil` when a size or an index is wrong.
    package init?(
        side: Int, pixels: consuming SecureBytes, points: [SIMD3<Float>], triangles: [SIMD3<UInt16>],
        pose: HeadPose = .frontal, outline: [SIMD2<Float>]
    ) {
        guard (64...2048).contains(side), pixels.count == side * side * 3, points.count == Self.pointCount,
            points.allSatisfy({ Self.isInside($0, side) }),
            triangles.allSatisfy({ $0.max() < Self.pointCount }), outline.count > 2
        else { return nil }
        self.side = side
        self.pixels = pixels
        self.points = points
        self.triangles = triangles
        self.pose = pose
        self.outline = outline
    }

    /// Reads the astronaut from `simulator/` of the model pack in `folder`.
    package static func astronaut(pack folder: String) throws(SimulatorFault) -> Portrait {
        let folder = "\(folder)/simulator"
        let pixels = try map("\(folder)/portrait.rgb").withBytes { SecureBytes(copying: $0, holding: .simulation) }
        let points = try map("\(folder)/mesh.f32").withBytes { bytes in
            (0..<bytes.byteCount / 12).map {
                SIMD3(bytes.float($0 * 3), bytes.float($0 * 3 + 1), bytes.float($0 * 3 + 2))
            }
        }
        let triangles = try map("\(folder)/triangles.u16").withBytes { bytes in
            (0..<bytes.byteCount / 6).map {
                SIMD3(bytes.index($0 * 3), bytes.index($0 * 3 + 1), bytes.index($0 * 3 + 2))
            }
        }
        guard
            let portrait = Portrait(
                side: 512, pixels: pixels, points: points, triangles: triangles,
                pose: HeadPose(yaw: -2, pitch: 7, roll: 3), outline: astronautOutline)
        else { throw .packDamaged(path: folder) }
        return portrait
    }

    private static func map(_ path: String) throws(SimulatorFault) -> MappedFile {
        do { return try MappedFile(path: path) } catch { throw .packIncomplete(path: path, error) }
    }

    private static func isInside(_ point: SIMD3<Float>, _ side: Int) -> Bool {
        let range = 0..<Float(side)
        return range.contains(point.x) && range.contains(point.y) && abs(point.z) < Float(side)
    }

    /// Traced by hand around hair, ears, collar and shoulders; the helmet in her arm is left out.
    private static let astronautOutline: [SIMD2<Float>] = [
        [229, 16], [243, 17], [262, 24], [275, 31], [285, 39], [291, 48], [295, 56], [298, 70], [300, 94], [297, 105],
        [292, 114], [283, 123], [276, 131], [273, 135], [267, 137], [262, 150], [258, 160], [256, 168], [257, 175],
        [263, 183], [279, 193], [291, 205], [299, 218], [304, 233], [317, 241], [339, 261], [347, 275], [354, 294],
        [361, 330], [366, 380], [368, 430], [366, 511], [2, 511], [8, 440], [18, 396], [27, 352], [36, 309], [43, 280],
        [55, 267], [60, 255], [73, 238], [93, 224], [105, 213], [112, 205], [117, 193], [119, 186], [125, 175],
        [134, 163], [144, 156], [154, 152], [168, 149], [184, 150], [183, 146], [182, 133], [178, 127], [170, 119],
        [164, 112], [157, 102], [154, 88], [152, 72], [157, 58], [168, 47], [186, 37], [197, 25], [210, 19],
    ]
}

extension RawSpan {
    fileprivate func float(_ index: Int) -> Float {
        unsafe unsafeLoadUnaligned(fromByteOffset: index * 4, as: Float.self)
    }

    fileprivate func index(_ index: Int) -> UInt16 {
        unsafe UInt16(littleEndian: unsafeLoadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
    }
}

/// What keeps a simulated counter from being built.
package enum SimulatorFault: Fault, Hashable {
    case packIncomplete(path: String, Errno)
    case packDamaged(path: String)

    package var problem: String {
        switch self {
        case .packIncomplete(let path, let errno): "The simulator's model file \(path) cannot be read: \(errno)."
        case .packDamaged(let path): "The simulator's model files in \(path) contradict each other."
        }
    }

    package var remedy: String { "Build the model pack again, as device/models describes." }
}
