package import Biometrics
import Imaging

/// Makes biometric templates with the pack's recognition network; made per session, as its weights are large.
///
/// Thread-bound; adding to a sum allocates nothing.
package struct FaceRecogniser: ~Copyable {
    /// Elements of a template.
    package let dimensions: Int
    private var network: PackedNetwork
    private let alignment: ModelPack.Alignment

    package init(pack: ModelPack) throws(PackFault) {
        self.dimensions = pack.dimensions
        self.network = try PackedNetwork(pack, .recognition, outputs: [pack.dimensions])
        self.alignment = pack.alignment
    }

    /// Adds the face in the analyser's last frame, as it is and in a mirror; returns whether there was one.
    ///
    /// Averaging over the mirror image takes from the distance of genuine pairs (measured: 0.323 to 0.302).
    @discardableResult
    package mutating func add(lastFaceOf analyser: borrowing FaceAnalyser, to sum: inout TemplateSum) -> Bool {
        precondition(sum.dimensions == dimensions, "the sum belongs to another network")
        let isAdded: Void? = analyser.withFace { mesh, picture in
            let map = frameFromChip(mesh)
            add(map, of: picture, mirrored: false, to: &sum)
            add(map, of: picture, mirrored: true, to: &sum)
        }
        guard isAdded != nil else { return false }
        sum.count += 1
        return true
    }

    private mutating func add(
        _ map: AffineMap, of picture: borrowing FramePicture, mirrored: Bool, to sum: inout TemplateSum
    ) {
        network.run(on: map, of: picture, mirrored: mirrored)
        network.withOutput(0) { output in
            for index in 0..<dimensions { sum.total[index] += output[index] }
        }
    }

    /// The turn, scale and shift that bring the chip's template points onto the mesh with the least squared error.
    private borrowing func frameFromChip(_ mesh: borrowing FaceMesh) -> AffineMap {
        let side = Double(network.side)
        let share = 1 / Double(alignment.template.count)
        // The template's places are those of pixel centres.
        func chipPlace(_ index: Int) -> SIMD2<Double> {
            (alignment.template[index] + alignment.padding) / (1 + 2 * alignment.padding) * side + 0.5
        }
        var (chipCentre, meshCentre) = (SIMD2<Double>.zero, SIMD2<Double>.zero)
        for index in alignment.template.indices {
            chipCentre += chipPlace(index) * share
            meshCentre += mesh.points.place(alignment.meshPoints[index]) * share
        }
        var (along, across, spread) = (0.0, 0.0, 0.0)
        for index in alignment.template.indices {
            let from = chipPlace(index) - chipCentre
            let to = mesh.points.place(alignment.meshPoints[index]) - meshCentre
            along += (from * to).sum()
            across += from.x * to.y - from.y * to.x
            spread += (from * from).sum()
        }
        let (cosine, sine) = (along / spread, across / spread)
        return AffineMap(
            a: cosine, b: -sine, tx: meshCentre.x - cosine * chipCentre.x + sine * chipCentre.y,
            c: sine, d: cosine, ty: meshCentre.y - sine * chipCentre.x - cosine * chipCentre.y)
    }
}

/// A running sum of templates of one person.
package struct TemplateSum: ~Copyable, Sendable {
    package let dimensions: Int
    /// Faces that were added.
    package fileprivate(set) var count = 0
    /// Two vectors for each face.
    fileprivate var total: Template

    package init(dimensions: Int) {
        self.dimensions = dimensions
        self.total = Template(dimensions: dimensions)
    }

    /// Forgets what was added.
    package mutating func reset() {
        count = 0
        for index in 0..<dimensions { total[index] = 0 }
    }

    /// The mean template; `nil` when no face was added.
    package borrowing func mean() -> Template? {
        guard count > 0 else { return nil }
        let share = 1 / Float(2 * count)
        var mean = Template(dimensions: dimensions)
        for index in 0..<dimensions { mean[index] = total[index] * share }
        return mean
    }

    /// The mean over the faces of both sums; `nil` when there are none.
    package borrowing func mean(with other: borrowing TemplateSum) -> Template? {
        var union = TemplateSum(dimensions: dimensions)
        union.count = count + other.count
        for index in 0..<dimensions { union.total[index] = total[index] + other.total[index] }
        return union.mean()
    }
}
