import Biometrics
import Cues
import Support
import Testing

@Suite struct ContinuityCueTests {
    /// Frames of a face at the given places in pixels; `nil` is none.
    private static func cue(
        _ places: [Double?], interval: Int = 1, track: (Int) -> Int = { _ in 1 }, faces: (Int) -> Int = { _ in 1 },
        likeness: (Int) -> Double = { _ in 0.95 }
    ) -> Cue {
        var cue = ContinuityCue()
        for (index, x) in places.enumerated() {
            var face = FaceObservation.good(track: track(index))
            face.box.x = x ?? 0
            let frame = FrameObservation.frame(
                index * interval, x == nil ? nil : face, faces: x == nil ? 0 : faces(index))
            cue.observe(frame, likeness: likeness(index))
        }
        return cue.result
    }

    private static let still = [Double?](repeating: 400, count: 40)

    @Test func `one face that moves as a head can is continuous`() {
        #expect(Self.cue(Self.still) == .bonaFide)
        // 90 pixels a frame is 0.3 face widths, 9 a second.
        #expect(Self.cue((0..<40).map { 400 + 90 * Double($0 % 2) }) == .bonaFide)
        #expect(Self.cue(Array(Self.still.prefix(29))) == .notChecked)
    }

    @Test func `two jumps are an attack, one is not sure`() {
        var places = Self.still
        places[20] = 600
        #expect(Self.cue(places) == .attack)
        #expect(Self.cue(Self.still.prefix(20) + [Double?](repeating: 600, count: 20)) == .undetermined)
    }

    @Test func `another picture in the same place is a jump`() {
        #expect(Self.cue(Self.still, likeness: { $0 == 10 || $0 == 20 ? 0.3 : 0.95 }) == .attack)
        #expect(Self.cue(Self.still, likeness: { $0 == 10 ? 0.3 : 0.95 }) == .undetermined)
    }

    @Test func `what was lost or joined by another face is not sure`() {
        #expect(Self.cue(Self.still, track: { $0 < 20 ? 1 : 2 }) == .undetermined)
        #expect(Self.cue(Self.still, faces: { $0 == 20 ? 2 : 1 }) == .undetermined)
        #expect(Self.cue(Self.still.prefix(20) + [nil] + Self.still) == .undetermined)
        #expect(Self.cue([nil, nil] + Self.still) == .bonaFide)
    }

    @Test func `frames far apart are not compared`() {
        #expect(Self.cue((0..<40).map { 400 + 300 * Double($0 % 2) }, interval: 6) == .bonaFide)
    }
}
