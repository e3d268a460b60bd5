import Biometrics
import Cues
import Testing

@Suite struct SurfaceCueTests {
    private static func bezel(_ frames: [SIMD4<Double>]) -> Cue {
        var cue = BezelCue()
        for sides in frames { cue.observe(sides) }
        return cue.result
    }

    @Test func `two opposite edges are furniture, a third one is a device`() {
        let shelf = SIMD4(1, 0.2, 1, 0.3)
        let phone = SIMD4(0.1, 0.9, 0.8, 1)
        #expect(Self.bezel([shelf, shelf, shelf, shelf]) == .undetermined)
        #expect(Self.bezel([phone, phone, phone, phone]) == .attack)
        #expect(Self.bezel([phone, shelf, phone, shelf]) == .attack)
        #expect(Self.bezel([phone, shelf, shelf, shelf]) == .undetermined)
        #expect(Self.bezel([phone, phone, phone]) == .notChecked)
    }

    @Test(arguments: [
        (SIMD4(0.4, 0.3, 0.2, 0.1), 0.2), (SIMD4(0.1, 0.2, 0.3, 0.4), 0.2), (SIMD4(0.2, 0.4, 0.1, 0.3), 0.2),
        (SIMD4(1, 1, 0, 0), 0), (SIMD4(1, 1, 1, 0), 1), (SIMD4(0, 1, 1, 1), 1),
    ])
    func `the third best of four sides is found wherever it stands`(sides: SIMD4<Double>, third: Double) {
        #expect(BezelCue.third(of: sides) == third)
    }

    @Test func `a grid must show in most readings`() {
        func result(_ peaks: [Double]) -> Cue {
            var cue = MoireCue()
            for peak in peaks { cue.observe(MoireReading(peak: peak, peakCount: peak > 8 ? 4 : 0)) }
            return cue.result
        }
        #expect(result([11, 12, 11]) == .attack)
        #expect(result([11, 5, 11]) == .attack)
        #expect(result([11, 5, 5]) == .undetermined)
        #expect(result([12, 12]) == .notChecked)
        var cue = MoireCue()
        for _ in 0..<3 { cue.observe(MoireReading(peak: 12, peakCount: 1)) }
        #expect(cue.result == .undetermined)
    }
}
