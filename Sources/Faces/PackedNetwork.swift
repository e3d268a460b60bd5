import Biometrics
import Imaging
import Inference

/// A network of the pack together with how it wants its pictures; running it allocates nothing.
struct PackedNetwork: ~Copyable {
    private var network: Network
    private let model: ModelPack.Model
    private let outputs: [Int]

    /// Loads the network for `role` and finds its outputs by their numbers of elements.
    init(_ pack: ModelPack, _ role: ModelPack.Role, outputs counts: [Int]) throws(PackFault) {
        let model = try pack.model(for: role)
        let path = pack.path(of: model)
        let network: Network
        do throws(ModelFault) {
            network = try Network(path: path)
        } catch {
            throw .unusable(file: path, detail: error.description)
        }
        let shape = [1, model.side, model.side, 3]
        guard network.input.shape == shape else {
            throw .unusable(file: path, detail: "its input has shape \(network.input.shape), not \(shape)")
        }
        var outputs: [Int] = []
        for count in counts {
            guard let place = network.outputs.firstIndex(where: { $0.count == count }) else {
                throw .unusable(file: path, detail: "no output has \(count) elements")
            }
            outputs.append(place)
        }
        self.network = network
        self.model = model
        self.outputs = outputs
    }

    /// Pixels of the square picture that it takes.
    var side: Int { model.side }

    /// Runs on what was shown.
    mutating func run() { network.run() }

    /// Runs on a square of the frame, seen in a mirror if asked.
    mutating func run(on square: RotatedSquare, of picture: borrowing FramePicture, mirrored: Bool = false) {
        show(square, of: picture, mirrored: mirrored)
        network.run()
    }

    /// Prepares a run on a square of the frame.
    mutating func show(_ square: RotatedSquare, of picture: borrowing FramePicture, mirrored: Bool = false) {
        network.withInput { input in
            picture.sample(
                square, size: model.side, mirrored: mirrored, low: model.low, high: model.high, into: &input)
        }
    }

    /// Runs on the whole frame, fitted between bars, and tells where the network's pixels lie in it.
    mutating func runOnWhole(_ picture: borrowing FramePicture) -> AffineMap {
        let map = network.withInput { input in
            picture.letterbox(size: model.side, low: model.low, high: model.high, into: &input)
        }
        network.run()
        return map
    }

    /// Runs on what `frameFromChip` cuts out, seen in a mirror if asked.
    mutating func run(on frameFromChip: AffineMap, of picture: borrowing FramePicture, mirrored: Bool) {
        network.withInput { input in
            picture.sample(
                frameFromChip, size: model.side, mirrored: mirrored, mean: model.mean, scale: model.scale,
                into: &input)
        }
        network.run()
    }

    /// Measures the face in the middle of what was shown last.
    borrowing func quality(_ measures: borrowing FaceMeasures, interEyeDistance: Double) -> FaceQuality {
        network.readInput { input in
            measures.quality(
                ofCrop: input, size: model.side, low: model.low, high: model.high, interEyeDistance: interEyeDistance)
        }
    }

    /// Lends the output that was named in place `index` when the network was made.
    borrowing func withOutput<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result {
        network.withOutput(outputs[index], body)
    }
}
