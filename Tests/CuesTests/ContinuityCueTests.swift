import Biometrics
import Cues
import Platform
import Support
import Testing

@Suite struct ContinuityCueTests {
    /// A face of 360 pixels that is shown at these places, one per frame of `interval` milliseconds.
    private static func result(
        _ places: [Double], interval: Int64 = 33, track: (Int) -> Int = { _ in 1 }
    ) -> Cue {
        var cue = ContinuityCue()
        for (index, place) in places.enumerated() {
            var face = FaceObservation.good(track: track(index))
            face.box.x += place
            cue.observe(face, at: Timestamp(nanoseconds: Int64(index) * interval * 1_000_000))
        }
        return cue.result
    }

    /// Rests for 20 frames, then lies elsewhere, again and again.
    private static func leaps(_ length: Double, count: Int = 2) -> [Double] {
        (0...20 * (count + 1)).map { Double($0 / 20) * length }
    }

    @Test func `a face that leaps twice between rests was cut`() {
        #expect(Self.result(Self.leaps(30)) == .attack)
        #expect(Self.result(Self.leaps(30, count: 1)) == .undetermined)
        #expect(Self.result(Self.leaps(10)) == .undetermined)
    }

    @Test func `half the frames allow four times the way`() {
        #expect(Self.result(Self.leaps(30), interval: 67) == .undetermined)
        #expect(Self.result(Self.leaps(90), interval: 67) == .attack)
    }

    @Test func `a head that moves fast does not rest at once`() {
        let walk = (0..<120).map { frame in
            let step = Double(frame % 40)
            // Leans 40 pixels a frame at its fastest.
            return Double(frame / 40) * 120 + (step < 3 ? 0 : step < 8 ? [10.0, 35, 75, 105, 118][Int(step) - 3] : 120)
        }
        #expect(Self.result(walk) == .undetermined)
    }

    @Test func `frames that come twice, gaps and new tracks are no cuts`() {
        #expect(Self.result((0..<90).map { Double($0 / 2) * 30 }) == .undetermined)
        #expect(Self.result(Self.leaps(300), interval: 120) == .notChecked)
        #expect(Self.result(Self.leaps(300)) { $0 / 20 } == .undetermined)
    }

    @Test func `a face that was hardly there is not checked`() {
        #expect(Self.result(Array(repeating: 0, count: 30)) == .notChecked)
        #expect(Self.result(Array(repeating: 0, count: 31)) == .undetermined)
        var cue = ContinuityCue()
        for frame in 0..<60 {
            cue.observe(frame % 2 == 0 ? .good() : nil, at: Timestamp(nanoseconds: Int64(frame) * 33_000_000))
        }
        #expect(cue.result == .notChecked)
    }
}
