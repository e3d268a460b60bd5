package import Platform
import Synchronization

/// What happened to the frames since the device started; written by the frame threads, read by anyone.
package final class FrameCounters: Sendable {
    private let received = Atomic(0)
    private let dropped = Atomic(0)
    private let unreadableRun = Atomic(0)
    private let steps = Atomic(0)
    private let runReceived = Atomic(0)
    private let runLost = Atomic(0)
    private let lastRead = Atomic<Int64>(0)

    package init() {}

    package var receivedCount: Int { received.load(ordering: .relaxed) }
    /// Frames that were not analysed: no buffer free, displaced by a newer one, marked as broken, or unreadable.
    package var droppedCount: Int { dropped.load(ordering: .relaxed) }
    /// How many frames in a row could not be decoded.
    package var unreadableRunCount: Int { unreadableRun.load(ordering: .relaxed) }

    /// How often the analysis came on, with a frame or without.
    package var stepCount: Int { steps.load(ordering: .relaxed) }

    /// Frames of the run: since the camera was last switched on.
    package var runReceivedCount: Int { runReceived.load(ordering: .relaxed) }
    /// Frames of the run that the driver's sequence counted and that never came.
    package var runLostCount: Int { runLost.load(ordering: .relaxed) }
    /// When the newest frame that could be decoded was taken, or the run began; `nil` before the first.
    package var lastReadTime: Timestamp? {
        let nanoseconds = lastRead.load(ordering: .relaxed)
        return nanoseconds == 0 ? nil : Timestamp(nanoseconds: nanoseconds)
    }

    func countStep() { steps.add(1, ordering: .relaxed) }
    func countReceived() {
        received.add(1, ordering: .relaxed)
        runReceived.add(1, ordering: .relaxed)
    }

    func countLost(_ count: Int) { runLost.add(count, ordering: .relaxed) }
    func countDropped(_ count: Int = 1) { dropped.add(count, ordering: .relaxed) }

    /// Counts a frame that was taken at `time` and decoded, or could not be.
    func countRead(_ isReadable: Bool, of time: Timestamp) {
        if isReadable {
            lastRead.store(time.nanoseconds, ordering: .relaxed)
            unreadableRun.store(0, ordering: .relaxed)
        } else {
            unreadableRun.add(1, ordering: .relaxed)
            dropped.add(1, ordering: .relaxed)
        }
    }

    func beginRun(at time: Timestamp) {
        unreadableRun.store(0, ordering: .relaxed)
        runReceived.store(0, ordering: .relaxed)
        runLost.store(0, ordering: .relaxed)
        lastRead.store(time.nanoseconds, ordering: .relaxed)
    }
}

/// Tells how many of the frames that the driver numbered never came.
struct SequenceWatch {
    private var last: UInt32?
    /// Frames that came since then and were not handed out: they have a number, too.
    private var droppedCount = 0

    mutating func noteDropped() { droppedCount += 1 }

    /// Returns how many were lost since the last frame that was handed out.
    mutating func lostCount(before sequence: UInt32) -> Int {
        defer { (last, droppedCount) = (sequence, 0) }
        // A counter that jumps back begins anew.
        return last.map { max(Int(sequence) - Int($0) - 1 - droppedCount, 0) } ?? 0
    }
}
