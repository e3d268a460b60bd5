import FuzzTargets
import Testing

/// The fuzz targets without libFuzzer: their seeds, and the same mutations of them every time.
@Suite(.serialized) struct SeedTests {
    @Test(arguments: fuzzTargets.indices) func `mutated seeds end in a value or a fault`(index: Int) throws {
        let target = try fuzzTargets[index].init()
        let seeds = fuzzTargets[index].seeds
        #expect(!seeds.isEmpty)
        var dice = Dice(state: 1)
        for seed in seeds {
            #expect(seed.count <= fuzzTargets[index].longest)
            target.run(seed)
            for _ in 0..<1000 { target.run(mutated(seed, &dice)) }
        }
        target.run([])
    }

    /// Up to four changes: bytes set, flipped, removed, repeated, or the end cut off.
    private func mutated(_ seed: [UInt8], _ dice: inout Dice) -> [UInt8] {
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

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct Dice {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ value >> 31) % UInt64(limit))
    }
}
