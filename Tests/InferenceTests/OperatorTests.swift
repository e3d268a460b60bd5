import Inference
import Support
import Testing

func makeNetwork(_ bytes: [UInt8]) throws(ModelFault) -> Network { try unsafe Network(bytes.span.bytes) }

/// Runs a model once.
func run(_ model: TestModel, _ input: [Float]) throws -> [[Float]] {
    var network = try makeNetwork(model.bytes)
    network.withInput { span in
        for index in input.indices { span[index] = input[index] }
    }
    network.run()
    return network.outputs.indices.map { index in
        network.withOutput(index) { span in span.indices.map { span[$0] } }
    }
}

func expectNear(_ found: [Float], _ wanted: [Float], sourceLocation: SourceLocation = #_sourceLocation) {
    let isNear = found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-5 }
    #expect(isNear, "\(found) is not \(wanted)", sourceLocation: sourceLocation)
}

@Suite struct OperatorTests {
    private let picture = Picture(5, 6, 3, samples(90))

    private func model(_ build: (inout TestModel, _ input: Int) -> [Int]) -> TestModel {
        var model = TestModel()
        let input = model.tensor(picture.shape)
        model.inputs = [input]
        model.outputs = build(&model, input)
        return model
    }

    private func window(_ stride: Int, isSame: Bool, _ more: [Int: Flat] = [:]) -> [Int: Flat] {
        let stride = Flat.int32(Int32(stride))
        return [0: .int8(isSame ? 0 : 1), 1: stride, 2: stride].merging(more) { $1 }
    }

    @Test(arguments: [false, true]) func `an addition adds and clamps`(isClamped: Bool) throws {
        let model = model { model, input in
            let doubled = model.apply(0, [input, input], to: picture.shape, options: [0: .int8(isClamped ? 1 : 0)])
            return [doubled]
        }
        let wanted = picture.values.map { isClamped ? max(2 * $0, 0) : 2 * $0 }
        expectNear(try run(model, picture.values)[0], wanted)
    }

    @Test(arguments: [(1, 1, 1, false), (3, 3, 1, true), (3, 3, 2, true), (2, 3, 2, false)], [false, true])
    func `a convolution sums windows over all channels`(
        window size: (height: Int, width: Int, stride: Int, isSame: Bool), isHalf: Bool
    ) throws {
        let filter = samples(4 * size.height * size.width * 3, seed: 2).map { Float(Float16($0)) }
        let bias: [Float] = [0.5, -0.25, 0, 0.125]
        let wanted = picture.sliding(size.height, size.width, stride: size.stride, isSame: size.isSame, channels: 4) {
            channel, places in
            places.reduce(bias[channel]) { sum, place in
                (0..<3).reduce(sum) {
                    let weight = filter[(channel * size.height * size.width + place.inWindow) * 3 + $1]
                    return $0 + weight * picture[place.row, place.column, $1]
                }
            }
        }
        let model = model { model, input in
            let shape = [4, size.height, size.width, 3]
            let filter = isHalf ? model.half(shape, filter) : model.constant(shape, filter)
            let bias = isHalf ? model.half([4], bias) : model.constant([4], bias)
            let options = window(size.stride, isSame: size.isSame)
            return [model.apply(3, [input, filter, bias], to: wanted.shape, options: options)]
        }
        expectNear(try run(model, picture.values)[0], wanted.values)
    }

    @Test(arguments: [(3, 1, true), (3, 2, true), (2, 2, false)])
    func `a depthwise convolution keeps channels apart`(size: Int, stride: Int, isSame: Bool) throws {
        let filter = samples(size * size * 3, seed: 3)
        let wanted = picture.sliding(size, size, stride: stride, isSame: isSame, channels: 3) { channel, places in
            let sum = places.reduce(Float(channel)) {
                $0 + filter[$1.inWindow * 3 + channel] * picture[$1.row, $1.column, channel]
            }
            return max(sum, 0)
        }
        let model = model { model, input in
            let filter = model.constant([1, size, size, 3], filter)
            let bias = model.constant([3], [0, 1, 2])
            let options = window(stride, isSame: isSame, [3: .int32(1), 4: .int8(1)])
            return [model.apply(4, [input, filter, bias], to: wanted.shape, options: options)]
        }
        expectNear(try run(model, picture.values)[0], wanted.values)
    }

    @Test(arguments: [(1, 2, 2, false), (17, 2, 2, false), (17, 3, 2, true), (1, 2, 2, true)])
    func `a pool takes the mean or the greatest of what it covers`(
        code: Int32, size: Int, stride: Int, isSame: Bool
    ) throws {
        let wanted = picture.sliding(size, size, stride: stride, isSame: isSame, channels: 3) { channel, places in
            let covered = places.map { picture[$0.row, $0.column, channel] }
            return code == 1 ? covered.reduce(0, +) / Float(covered.count) : covered.max() ?? .nan
        }
        let model = model { model, input in
            let size = Flat.int32(Int32(size))
            let options = window(stride, isSame: isSame, [3: size, 4: size])
            return [model.apply(code, [input], to: wanted.shape, options: options)]
        }
        expectNear(try run(model, picture.values)[0], wanted.values)
    }

    @Test(arguments: [false, true]) func `a fully connected layer multiplies a matrix`(hasBias: Bool) throws {
        let (filter, bias) = (samples(180, seed: 4), [Float](arrayLiteral: 3, -3))
        let model = model { model, input in
            let filter = model.constant([2, 90], filter)
            let bias = hasBias ? model.constant([2], bias) : -1
            let flat = model.apply(22, [input], to: [1, 90])
            return [model.apply(9, [flat, filter, bias], to: [1, 2])]
        }
        let wanted = (0..<2).map { row in
            (0..<90).reduce(hasBias ? bias[row] : 0) { $0 + filter[row * 90 + $1] * picture.values[$1] }
        }
        expectNear(try run(model, picture.values)[0], wanted)
    }

    @Test func `a rectifier keeps what is positive, and its input may be an output too`() throws {
        let model = model { model, input in
            let doubled = model.apply(0, [input, input], to: picture.shape)
            return [model.apply(19, [doubled], to: picture.shape), doubled]
        }
        let outputs = try run(model, picture.values)
        expectNear(outputs[0], picture.values.map { max(2 * $0, 0) })
        expectNear(outputs[1], picture.values.map { 2 * $0 })
    }

    @Test(arguments: [[3], [1, 1, 3]]) func `a parametric rectifier has a slope for each channel`(shape: [Int]) throws {
        let slope: [Float] = [0.5, -1, 0]
        let model = model { model, input in
            [model.apply(54, [input, model.constant(shape, slope)], to: picture.shape)]
        }
        let wanted = picture.values.enumerated().map { $1 < 0 ? $1 * slope[$0 % 3] : $1 }
        expectNear(try run(model, picture.values)[0], wanted)
    }

    @Test func `a padding puts zeros around rows, columns and channels`() throws {
        var wanted = Picture(8, 7, 5)
        for row in 0..<5 {
            for column in 0..<6 {
                for channel in 0..<3 { wanted[row + 1, column, channel + 2] = picture[row, column, channel] }
            }
        }
        let model = model { model, input in
            [model.apply(34, [input, model.integers([4, 2], [0, 0, 1, 2, 0, 1, 2, 0])], to: wanted.shape)]
        }
        expectNear(try run(model, picture.values)[0], wanted.values)
    }

    @Test(arguments: [0, 2]) func `a padding before a convolution is not lost`(channels: Int) throws {
        let filter = samples(4 * (3 + channels), seed: 5)
        var wanted = Picture(4, 4, 1)
        for row in 0..<4 {
            for column in 0..<4 {
                for (y, x) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let (r, c) = (2 * row + y - 1, 2 * column + x - 2)
                    guard (0..<5).contains(r), (0..<6).contains(c) else { continue }
                    for channel in 0..<3 {
                        let weight = filter[(y * 2 + x) * (3 + channels) + channel]
                        wanted[row, column, 0] += weight * picture[r, c, channel]
                    }
                }
            }
        }
        let model = model { model, input in
            let amounts = model.integers([4, 2], [0, 0, 1, 2, 2, 0, 0, channels])
            let padded = model.apply(34, [input, amounts], to: [1, 8, 8, 3 + channels])
            let filter = model.constant([1, 2, 2, 3 + channels], filter)
            let bias = model.constant([1], [0])
            return [model.apply(3, [padded, filter, bias], to: wanted.shape, options: window(2, isSame: false))]
        }
        expectNear(try run(model, picture.values)[0], wanted.values)
    }

    @Test func `a concatenation appends its parts in the order named`() throws {
        let model = model { model, input in
            let first = model.apply(22, [model.apply(0, [input, input], to: picture.shape)], to: [1, 30, 3])
            let second = model.apply(19, [model.apply(22, [input], to: [1, 30, 3])], to: [1, 30, 3])
            return [model.apply(2, [second, first], to: [1, 60, 3], options: [0: .int32(1)])]
        }
        expectNear(
            try run(model, picture.values)[0], picture.values.map { max($0, 0) } + picture.values.map { 2 * $0 })
    }

    @Test func `running allocates nothing`() throws {
        var network = try makeNetwork(smallModel.bytes)
        func cycle() {
            for _ in 0..<10 {
                network.withInput { $0[0] += 1 }
                network.run()
                network.withOutput(0) { _ = $0[0] }
            }
        }
        cycle()
        #expect(allocations(during: cycle) == 0)
    }
}
