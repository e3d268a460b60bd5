import Foundation
import Inference
import Platform
import Support
import Testing

private func refusal(_ bytes: [UInt8]) -> ModelFault? {
    do throws(ModelFault) {
        _ = try makeNetwork(bytes)
        return nil
    } catch {
        return error
    }
}

@Suite struct HostileModelTests {
    @Test func `the small model itself is right`() {
        #expect(refusal(smallModel.bytes) == nil)
    }

    @Test func `a model that ends early is refused`() {
        let bytes = smallModel.bytes
        for count in 0..<bytes.count { #expect(refusal(Array(bytes[..<count])) != nil, "\(count) bytes were accepted") }
    }

    @Test(arguments: [0x01, 0x80, 0xFF] as [UInt8]) func `a changed byte is a fault or another model, never a crash`(
        change: UInt8
    ) {
        let bytes = smallModel.bytes
        var refusedCount = 0
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= change
            guard let fault = refusal(changed) else { continue }
            refusedCount += 1
            #expect(!fault.description.isEmpty)
        }
        // Names, weights and unread fields may take any value.
        #expect(refusedCount > bytes.count / 3)
    }

    @Test func `a model that can be run after a change runs within its memory`() throws {
        let bytes = smallModel.bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] &+= 1
            guard refusal(changed) == nil else { continue }
            var network = try makeNetwork(changed)
            network.run()
        }
    }

    @Test func `a fault names operator, tensor and byte`() throws {
        var model = TestModel()
        model.inputs = [model.tensor([1, 4, 4, 2])]
        let filter = model.constant([2, 1, 1, 3], samples(6))
        let bias = model.constant([2], [0, 0])
        model.outputs = [
            model.apply(
                3, [0, filter, bias], to: [1, 4, 4, 2], options: [0: .int8(1), 1: .int32(1), 2: .int32(1)])
        ]
        let fault = try #require(refusal(model.bytes))
        #expect(fault.kind == .malformed)
        #expect(fault.operation == "0 (CONV_2D)")
        #expect(fault.tensor == "1 \"t1\"")
        let offset = try #require(fault.offset)
        #expect(
            fault.description == "operator 0 (CONV_2D), tensor 1 \"t1\", byte \(offset): "
                + "the filter has shape [2, 1, 1, 3], not [2, 1, 1, 2]")
    }

    @Test func `a file that is missing is named`() {
        #expect(throws: ModelFault.self) { _ = try Network(path: "/nonexistent/mesh.tflite") }
    }

    /// Models that are wrong in one way, with a part of what is said about each.
    private static let wrongModels: [(String, TestModel)] = [
        ("operator code 99 is not run here", wrong { $0.outputs = [$0.apply(99, [0], to: shape)] }),
        ("no earlier operator computes it", wrong { $0.outputs = [$0.apply(19, [1], to: shape)] }),
        ("tensor 77 of 2 is named", wrong { $0.outputs = [$0.apply(19, [77], to: shape)] }),
        ("tensor -1 of 2 is named", wrong { $0.outputs = [$0.apply(19, [-1], to: shape)] }),
        ("its shape is [1, 2, 2, 3]", wrong { $0.outputs = [$0.apply(19, [0], to: [1, 2, 2, 3])] }),
        ("16 elements become 15", wrong { $0.outputs = [$0.apply(22, [0], to: [15])] }),
        (
            "activation 4 is not run here",
            wrong { $0.outputs = [$0.apply(0, [0, 0], to: shape, options: [0: .int8(4)])] }
        ),
        (
            "0 inputs, not 1",
            wrong {
                $0.outputs = [$0.apply(19, [0], to: shape)]; $0.inputs = []
            }
        ),
        ("the outputs are []", wrong { _ = $0.apply(19, [0], to: shape) }),
        (
            "the input is an output",
            wrong {
                _ = $0.apply(19, [0], to: shape); $0.outputs = [0]
            }
        ),
        (
            "the result is not used",
            wrong {
                $0.outputs = [$0.apply(19, [0], to: shape)]
                _ = $0.apply(19, [0], to: shape)
            }
        ),
        (
            "it is computed although",
            wrong {
                $0.add(19, [0], [0]); $0.outputs = [0]
            }
        ),
        ("only constants", wrong { $0.outputs = [$0.apply(6, [0], to: shape)] }),
        ("has too many places", wrong { $0.outputs = [$0.apply(17, [0], to: shape, options: pool(30_000, 1))] }),
        (
            "a window of 65537×65537 moves",
            wrong { $0.outputs = [$0.apply(17, [0], to: shape, options: pool(65_537, 1))] }
        ),
        ("moves by 0×0", wrong { $0.outputs = [$0.apply(17, [0], to: shape, options: pool(2, 0))] }),
        (
            "the paddings are",
            wrong {
                let amounts = $0.integers([4, 2], [0, 0, -1, 1, 0, 0, 0, 0])
                $0.outputs = [$0.apply(34, [0, amounts], to: shape)]
            }
        ),
        (
            "a tensor has shape [1, 65536, 65536, 65536]",
            wrong {
                $0.outputs = [$0.apply(19, [0], to: [1, 65_536, 65_536, 65_536])]
            }
        ),
        (
            "have 33554448 elements",
            wrong {
                let amounts = $0.integers([4, 2], [0, 0, 0, 2046, 0, 2046, 0, 4])
                $0.outputs = [$0.apply(34, [0, amounts], to: [1, 2048, 2048, 8])]
            }
        ),
        (
            "only as the last step",
            wrong {
                let all = $0.apply(2, [$0.apply(19, [0], to: shape)], to: shape)
                $0.outputs = [$0.apply(19, [all], to: shape)]
            }
        ),
    ]

    private static let shape = [1, 2, 2, 4]

    private static func pool(_ size: Int, _ stride: Int) -> [Int: Flat] {
        let (size, stride) = (Flat.int32(Int32(size)), Flat.int32(Int32(stride)))
        return [0: .int8(0), 1: stride, 2: stride, 3: size, 4: size]
    }

    private static func wrong(_ build: (inout TestModel) -> Void) -> TestModel {
        var model = TestModel()
        model.inputs = [model.tensor(shape)]
        build(&model)
        return model
    }

    @Test(arguments: wrongModels.indices) func `a wrong model is told what is wrong with it`(index: Int) throws {
        let (words, model) = Self.wrongModels[index]
        let fault = try #require(refusal(model.bytes), "\(words) was accepted")
        #expect(fault.description.contains(words), "\(fault)")
    }
}
