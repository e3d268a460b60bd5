/// A bounded queue from worker threads to an event loop; posting allocates nothing and never waits.
package final class Mailbox<Element: Sendable>: Sendable {
    private struct Ring {
        var places: [Element?]
        var first = 0
        var count = 0
        var refusedCount = 0
    }

    private let ring: Monitor<Ring>
    private let waker: Waker

    package init(capacity: Int) throws(Errno) {
        precondition(capacity > 0, "a mailbox needs a place")
        self.ring = Monitor(Ring(places: Array(repeating: nil, count: capacity)))
        self.waker = try Waker()
    }

    /// Adds `element` unless fewer than `spare` places would remain, and tells whether it did.
    ///
    /// A flood of elements that may be lost leaves `spare` places to the few that may not.
    @discardableResult
    package func post(_ element: Element, leaving spare: Int = 0) -> Bool {
        let isPosted = ring.update { ring in
            guard ring.count + spare < ring.places.count else {
                ring.refusedCount += 1
                return false
            }
            ring.places[(ring.first + ring.count) % ring.places.count] = element
            ring.count += 1
            return true
        }
        if isPosted { waker.wake() }
        return isPosted
    }

    /// Takes the oldest element; `nil` when there is none.
    package func take() -> Element? {
        ring.update { ring in
            guard ring.count > 0 else { return nil }
            let element = ring.places[ring.first]
            ring.places[ring.first] = nil
            ring.first = (ring.first + 1) % ring.places.count
            ring.count -= 1
            return element
        }
    }

    package var refusedCount: Int { ring.update { $0.refusedCount } }

    /// Hands every element to `handler` on the loop's thread.
    package func deliver(on loop: EventLoop, to handler: @escaping (Element) -> Void) throws(Errno) -> EventLoop.Watch {
        try waker.attach(to: loop) { [self] in
            while let element = take() { handler(element) }
        }
    }
}
