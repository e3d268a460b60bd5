import Biometrics
import Cues
import Platform
import Testing

/// A stream of thirty frames a second, as its readings tell it.
private struct Stream {
    private var cue = InjectionCue()
    private var sequence: UInt32 = 0

    var result: Cue { cue.result }

    mutating func show(
        _ count: Int = 1, equal: Double = 0, repeated: Bool = false, brightening: Double = 0, change: Double = 0.25,
        step: UInt32 = 1, milliseconds: Int64? = nil
    ) {
        for _ in 0..<count {
            sequence += step
            let time = milliseconds ?? Int64(sequence) * 33
            cue.observe(
                StreamReading(
                    sequence: sequence, timestamp: Timestamp(nanoseconds: time * 1_000_000), equalShare: equal,
                    isRepeated: repeated, brightening: brightening, change: SIMD2(change, change)))
        }
    }

    /// Frames of which every one that ends an interval is a key frame.
    mutating func showKeyFrames(_ intervals: [Int], brightening: Double = 0, step: UInt32 = 1) {
        for interval in intervals {
            show(interval - 1, change: 0.25, step: step)
            show(brightening: brightening, change: 1, step: step)
        }
        show(4, step: step)
    }

    static func after(_ play: (inout Stream) -> Void) -> Cue {
        var stream = Stream()
        stream.show(30)
        play(&stream)
        return stream.result
    }
}

@Suite struct InjectionCueTests {
    @Test func `a sensor's stream shows no sign, and too short a one is not checked`() {
        var stream = Stream()
        stream.show(29)
        #expect(stream.result == .notChecked)
        stream.show(300)
        #expect(stream.result == .undetermined)
    }

    @Test func `a counter that does not grow is no driver's`() {
        func standing(_ count: Int64) -> Cue {
            Stream.after { for time in 0..<count { $0.show(step: 0, milliseconds: 2000 + 33 * time) } }
        }
        #expect(standing(3) == .attack)
        #expect(standing(2) == .undetermined)
        #expect(Stream.after { $0.show(4, milliseconds: 5000) } == .attack)
        // Frames that were lost, and a clock that is set back now and then.
        #expect(Stream.after { $0.show(100, step: 3) } == .undetermined)
        #expect(Stream.after { for time in 0..<9 { $0.show(milliseconds: 900 - Int64(time)) } } == .undetermined)
    }

    @Test func `a picture that is held goes on, a camera that hangs does not`() {
        func held(_ times: Int, frames: Int, then share: Double = 0) -> Cue {
            Stream.after { stream in
                for _ in 0..<times {
                    stream.show(frames, equal: 1)
                    stream.show(20, equal: share)
                }
            }
        }
        #expect(held(2, frames: 12) == .attack)
        #expect(held(2, frames: 12, then: 0.8) == .attack)
        #expect(held(1, frames: 12) == .undetermined)
        // A driver that repeats frames.
        #expect(held(40, frames: 3) == .undetermined)
        #expect(Stream.after { $0.show(300, equal: 1) } == .undetermined)
    }

    @Test func `what was seen before is a loop`() {
        #expect(Stream.after { $0.show(10, repeated: true) } == .attack)
        #expect(Stream.after { $0.show(9, repeated: true) } == .undetermined)
        // Where nothing changes, everything was there before.
        #expect(Stream.after { $0.show(90, equal: 0.6, repeated: true) } == .undetermined)
        let chance = Stream.after { stream in
            for _ in 0..<20 {
                stream.show(repeated: true)
                stream.show(2)
            }
        }
        #expect(chance == .undetermined)
    }

    @Test(arguments: [8, 12, 30, 60])
    func `key frames at equal intervals are a codec's`(interval: Int) {
        #expect(Stream.after { $0.showKeyFrames(Array(repeating: interval, count: 4)) } == .attack)
        #expect(Stream.after { $0.showKeyFrames(Array(repeating: interval, count: 3)) } == .undetermined)
        // A reader that takes every second frame.
        #expect(Stream.after { $0.showKeyFrames(Array(repeating: interval / 2, count: 4), step: 2) } == .attack)
    }

    @Test func `changes without a rhythm are not`() {
        #expect(Stream.after { $0.showKeyFrames([11, 25, 17, 40, 9, 33, 21, 14]) } == .undetermined)
        #expect(Stream.after { $0.showKeyFrames(Array(repeating: 6, count: 20)) } == .undetermined)
        #expect(Stream.after { $0.showKeyFrames(Array(repeating: 130, count: 6)) } == .undetermined)
        #expect(Stream.after { $0.showKeyFrames([15, 20, 9, 13, 20, 11, 8, 20, 10]) } == .undetermined)
    }

    @Test func `lamps that are switched in a rhythm are no key frames`() {
        let intervals = Array(repeating: 11, count: 12)
        #expect(Stream.after { $0.showKeyFrames(intervals, brightening: 2) } == .undetermined)
        #expect(Stream.after { $0.showKeyFrames(intervals) } == .attack)
    }
}
