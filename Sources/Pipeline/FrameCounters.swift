import Synchronization

/// What happened to the frames since the device started; written by the frame threads, read by anyone.
package final class FrameCounters: Sendable {
    private let received = Atomic(0)
    private let dropped = Atomic(0)
    private let unreadableRun = Atomic(0)
    private let steps = Atomic(0)

    package init() {}

    package var receivedCount: Int { received.load(ordering: .relaxed) }
    /// Frames that were not analysed: no buffer free, displaced by a newer one, marked as broken, or unreadable.
    package var droppedCount: Int { dropped.load(ordering: .relaxed) }
    /// How many frames in a row could not be decoded.
    package var unreadableRunCount: Int { unreadableRun.load(ordering: .relaxed) }

    /// How often the analysis came on, with a frame or without.
    package var stepCount: Int { steps.load(ordering: .relaxed) }

    func countStep() { steps.add(1, ordering: .relaxed) }
    func countReceived() { received.add(1, ordering: .relaxed) }
    func countDropped(_ count: Int = 1) { dropped.add(count, ordering: .relaxed) }

    func countRead(_ isReadable: Bool) {
        if isReadable {
            unreadableRun.store(0, ordering: .relaxed)
        } else {
            unreadableRun.add(1, ordering: .relaxed)
            dropped.add(1, ordering: .relaxed)
        }
    }

    func forgetRun() { unreadableRun.store(0, ordering: .relaxed) }
}
