import Inference
import Support

/// A `.tflite` file, up to the network that is ready to run.
struct ModelTarget: FuzzTarget {
    static let name = "model"
    static let longest = 16 << 10
    static var seeds: [[UInt8]] { [smallModel.bytes] }

    func run(_ bytes: [UInt8]) {
        do throws(ModelFault) {
            let network = try unsafe Network(bytes.span.bytes)
            precondition(network.input.count > 0 && !network.outputs.isEmpty, "a network has an input and an output")
        } catch {
            precondition(!error.description.isEmpty, "a fault says what is wrong")
        }
    }
}
