import Platform
import Ports
import Testing

@Suite struct MonotonicClockTests {
    private let clock = MonotonicClock()

    @Test func `a wait ends at its deadline, not before`() {
        let deadline = clock.now() + .milliseconds(2)
        clock.wait(until: deadline)
        #expect(clock.now() >= deadline)
    }

    @Test(arguments: [Int64.min, -1, 0, 1]) func `a deadline that has passed is no wait`(nanoseconds: Int64) {
        clock.wait(until: Timestamp(nanoseconds: nanoseconds))
    }
}
