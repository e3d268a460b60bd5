import Platform

/// A one-place mailbox in which a newer value replaces an older one.
///
/// It joins a fast producer thread to a slower consumer thread: the consumer always
/// sees the freshest frame and the queue cannot grow.
package final class LatestSlot<Element: ~Copyable & Sendable>: Sendable {
    private struct Contents: ~Copyable {
        var element: Element?
        var displacedCount = 0
        var isClosed = false
    }

    private let contents = Monitor(Contents())

    package init() {}

    /// Stores `element`; an unread older one is dropped and counted.
    package func put(_ element: consuming Element) {
        var displaced: Element? = consume element
        contents.update { contents in
            if contents.isClosed { return }
            swap(&contents.element, &displaced)
            if displaced != nil { contents.displacedCount += 1 }
        }
        // What was displaced is dropped here, outside the lock.
    }

    /// Waits for an element; `nil` after `timeout`, or at once when closed and empty.
    package func take(within timeout: Duration) -> Element? {
        let answer: Element?? = contents.wait(within: timeout) { contents in
            if let element = contents.element.take() { return .some(.some(element)) }
            return contents.isClosed ? .some(nil) : nil
        }
        switch consume answer {
        case .some(let element): return element
        case .none: return nil
        }
    }

    /// Refuses further elements; one that is waiting can still be taken.
    package func close() {
        contents.update { $0.isClosed = true }
    }

    package var isClosed: Bool { contents.update { $0.isClosed } }
    package var displacedCount: Int { contents.update { $0.displacedCount } }
}
