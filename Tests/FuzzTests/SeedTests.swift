import FuzzTargets
import Support
import Testing

/// The fuzz targets without libFuzzer: their seeds, and the same mutations of them every time.
@Suite(.serialized) struct SeedTests {
    @Test(arguments: fuzzTargets.indices) func `mutated seeds end in a value or a fault`(index: Int) throws {
        let target = try fuzzTargets[index].init()
        let seeds = fuzzTargets[index].seeds
        #expect(!seeds.isEmpty)
        var dice = SeededGenerator(seed: 1)
        for seed in seeds {
            #expect(seed.count <= fuzzTargets[index].longest)
            target.run(seed)
            for _ in 0..<1000 { target.run(mutated(seed, &dice)) }
        }
        target.run([])
    }

    /// Up to four changes: bytes set, flipped, removed, repeated, or the end cut off.
    private func mutated(_ seed: [UInt8], _ dice: inout SeededGenerator) -> [UInt8] {
        var bytes = seed
        for _ in 0...dice.below(4) where !bytes.isEmpty {
            let place = dice.below(bytes.count)
            let end = min(place + 1 + dice.below(8), bytes.count)
            switch dice.below(6) {
            case 0: bytes[place] = UInt8(dice.below(256))
            case 1: bytes[place] ^= 1 << UInt8(dice.below(8))
            case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][dice.below(5)]
            case 3: bytes.removeSubrange(place..<end)
            case 4: bytes.insert(contentsOf: bytes[place..<end], at: dice.below(bytes.count))
            default: bytes.removeLast(bytes.count - place)
            }
        }
        return bytes
    }
}

extension SeededGenerator {
    fileprivate mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
