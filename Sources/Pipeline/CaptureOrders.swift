import Synchronization

/// What the verification tells the capture loop.
package final class CaptureOrders: Sendable {
    private let stop = Atomic(false)
    private let hold = Atomic(false)

    package init() {}

    package func requestStop() { stop.store(true, ordering: .releasing) }
    package var isStopped: Bool { stop.load(ordering: .acquiring) }

    /// Whether exposure and white balance stay as they are.
    package var holdsExposure: Bool {
        get { hold.load(ordering: .acquiring) }
        set { hold.store(newValue, ordering: .releasing) }
    }
}
