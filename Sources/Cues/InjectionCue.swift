package import Biometrics
import Glibc
import Platform

/// Whether the frames are a video that was put in the camera's place.
///
/// A sensor's noise never repeats, and a driver's counter only grows. A video repeats itself when it is played again,
/// stands still while the next clip is sought, and is refreshed by a key frame every so often, which shows even through
/// noise that was added to hide it (the rhythm of key frames is how double compression is found: Wang and Farid, 2006).
/// It only denies: a video that was never compressed and has noise of its own shows none of these. How many blocks are
/// equal says nothing by itself, since that depends on the camera's noise, which is not known.
package struct InjectionCue: Sendable {
    private var readingCount = 0
    private var last: StreamReading?
    private var disorderCount = 0
    private var stillSince: Timestamp?
    private var heldCount = 0
    /// Frames that changed, since the first that was the same as an earlier one, and those that were.
    private var changedCount = 0
    private var repeatedCount = 0
    private var rhythm = KeyFrameRhythm()

    package init() {}

    package mutating func observe(_ reading: StreamReading) {
        defer { last = reading }
        readingCount += 1
        guard let last else { return }
        // A camera with a clock of its own may set a timestamp back, but never to what the frame before had.
        if reading.sequence <= last.sequence || reading.timestamp == last.timestamp { disorderCount += 1 }
        watchStill(reading, last)
        if reading.equalShare < Thresholds.Injection.changed, reading.isRepeated || repeatedCount > 0 {
            changedCount += 1
            if reading.isRepeated { repeatedCount += 1 }
        }
        rhythm.observe(reading)
    }

    /// A camera that hangs stays still; a picture that was held goes on.
    private mutating func watchStill(_ reading: StreamReading, _ last: StreamReading) {
        if reading.equalShare >= Thresholds.Injection.still {
            stillSince = stillSince ?? last.timestamp
        } else if reading.equalShare < Thresholds.Injection.moving {
            if let since = stillSince, last.timestamp - since >= Thresholds.Injection.holding { heldCount += 1 }
            stillSince = nil
        }
    }

    package var result: Cue {
        guard readingCount >= Thresholds.Injection.leastReadings else { return .notChecked }
        let isLoop =
            repeatedCount >= Thresholds.Injection.leastRepeated && 2 * repeatedCount >= changedCount
        let isVideo =
            disorderCount >= Thresholds.Injection.disorder || heldCount >= Thresholds.Injection.leastHeld || isLoop
            || rhythm.isFound
        return isVideo ? .attack : .undetermined
    }
}

/// Looks for frames in which everything changes at once, at equal intervals.
private struct KeyFrameRhythm: Sendable {
    /// Frames between two key frames; twice as many when one was not seen.
    private static let interval: ClosedRange<UInt32> = 8...60

    private var frames = InlineArray<5, StreamReading?>(repeating: nil)
    private var lastKey: UInt32?
    private var gapCount = 0
    private var gaps = InlineArray<61, UInt8>(repeating: 0)
    private(set) var isFound = false

    mutating func observe(_ reading: StreamReading) {
        for place in 0..<4 { frames[place] = frames[place + 1] }
        frames[4] = reading
        guard let key = middleKey else { return }
        if let lastKey, key &- lastKey <= 2 * Self.interval.upperBound {
            let gap = key &- lastKey
            add(gap: gap > Self.interval.upperBound && gap % 2 == 0 ? gap / 2 : gap)
        }
        lastKey = key
    }

    private mutating func add(gap: UInt32) {
        gapCount += 1
        guard Self.interval.contains(gap) else { return }
        gaps[Int(gap)] &+= 1
        let count = Int(gaps[Int(gap)])
        isFound = isFound || (count >= Thresholds.Injection.equalGaps && 2 * count >= gapCount)
    }

    /// The number of the frame before the last two, when it changes more than the four around it.
    private var middleKey: UInt32? {
        guard let a = frames[0], let b = frames[1], let middle = frames[2], let c = frames[3], let d = frames[4]
        else { return nil }
        let step = b.sequence &- a.sequence
        let isEven =
            middle.sequence &- b.sequence == step && c.sequence &- middle.sequence == step
            && d.sequence &- c.sequence == step
        // A picture that comes twice does not change at all, and a lamp that is switched brightens all alike.
        let isRepeated = max(b.equalShare, middle.equalShare, c.equalShare) >= Thresholds.Injection.still
        guard isEven, !isRepeated, abs(middle.brightening) <= middle.change.x else { return nil }
        var rise = 0.0
        for index in 0..<2 {
            let around = max(a.change[index], b.change[index], c.change[index], d.change[index])
            // One sixteenth is as fine as change is counted.
            rise += min(max(log((middle.change[index] + 0.0625) / (around + 0.0625)), 0), 1)
        }
        return rise >= Thresholds.Injection.keyFrame ? middle.sequence : nil
    }
}
