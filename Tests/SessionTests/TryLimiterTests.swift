import Biometrics
import Liveness
import Platform
import Ports
import Session
import Testing

@Suite struct TryLimiterTests {
    private let start = Timestamp(nanoseconds: 1_000_000_000)

    private func digest(_ number: Int) -> Digest { unsafe Digest(of: Array("\(number)".utf8).span.bytes) }

    private func after(_ seconds: Int) -> Timestamp { start + .seconds(seconds) }

    @Test func `pauses double up to the longest one`() {
        var limits = TryLimits()
        limits.failedTriesPerConnection = 100
        limits.longestPause = .seconds(60)
        var limiter = TryLimiter(limits: limits, at: start)
        for expected in [2, 4, 8, 16, 32, 60, 60] {
            limiter.noteFailure(transaction: digest(1), connection: 1, of: 100, at: start)
            #expect(
                limiter.refusal(transaction: digest(1), connection: 1, at: start) == .wait(.seconds(expected)))
            #expect(limiter.refusal(transaction: digest(1), connection: 1, at: after(expected)) == nil)
        }
    }

    @Test func `a transaction at its limit waits for the longest pause each time`() {
        var limiter = TryLimiter(limits: TryLimits(), at: start)
        for _ in 1...4 { limiter.noteFailure(transaction: digest(1), connection: 1, of: 5, at: start) }
        #expect(limiter.refusal(transaction: digest(1), connection: 1, at: start) == .wait(.seconds(16)))
        for time in [0, 300, 600] {
            limiter.noteFailure(transaction: digest(1), connection: 1, of: 5, at: after(time))
            #expect(
                limiter.refusal(transaction: digest(1), connection: 1, at: after(time)) == .wait(.seconds(300)))
        }
        #expect(limiter.refusal(transaction: digest(2), connection: 2, at: after(600)) == nil)
    }

    @Test func `a connection that only fails has to wait, whatever its transactions`() {
        var limiter = TryLimiter(limits: TryLimits(), at: start)
        for number in 1...9 { limiter.noteFailure(transaction: digest(number), connection: 1, of: 5, at: start) }
        #expect(limiter.refusal(transaction: digest(99), connection: 1, at: start) == nil)
        limiter.noteFailure(transaction: digest(10), connection: 1, of: 5, at: start)
        #expect(limiter.refusal(transaction: digest(99), connection: 1, at: start) == .wait(.seconds(300)))
        #expect(limiter.refusal(transaction: digest(99), connection: 2, at: start) == nil)
        limiter.noteVerified(transaction: digest(11), connection: 1)
        #expect(limiter.refusal(transaction: digest(99), connection: 1, at: start) == nil)
    }

    @Test func `the device's hour counts every failed try`() {
        var limiter = TryLimiter(limits: TryLimits(), at: start)
        for number in 0..<60 {
            #expect(
                limiter.refusal(transaction: digest(number), connection: 1 + UInt64(number), at: after(number)) == nil)
            limiter.noteFailure(transaction: digest(number), connection: 1 + UInt64(number), of: 5, at: after(number))
        }
        limiter.noteVerified(transaction: digest(0), connection: 1)
        func refusal(_ seconds: Int) -> TryLimiter.Refusal? {
            limiter.refusal(transaction: digest(99), connection: 99, at: after(seconds))
        }
        #expect(refusal(60) == .wait(.seconds(3540)))
        #expect(refusal(3599) == .wait(.seconds(1)))
        #expect(refusal(3600) == nil)
    }

    @Test func `a verified transaction is refused for good, also after a restart`() {
        var limiter = TryLimiter(limits: TryLimits(), at: start)
        limiter.noteFailure(transaction: digest(1), connection: 1, of: 5, at: start)
        limiter.noteVerified(transaction: digest(1), connection: 1)
        #expect(limiter.state(at: start).transactions.isEmpty)
        #expect(limiter.refusal(transaction: digest(1), connection: 2, at: after(1_000_000)) == .alreadyVerified)
        let next = TryLimiter(limits: TryLimits(), state: limiter.state(at: start), at: start)
        #expect(next.refusal(transaction: digest(1), connection: 2, at: start) == .alreadyVerified)
        #expect(next.refusal(transaction: digest(2), connection: 2, at: start) == nil)
    }

    @Test func `a restart neither shortens a pause nor makes it longer than the longest`() {
        var limiter = TryLimiter(limits: TryLimits(), at: start)
        for _ in 1...5 { limiter.noteFailure(transaction: digest(1), connection: 1, of: 5, at: start) }
        let state = limiter.state(at: start + .milliseconds(500))
        #expect(state.transactions.first?.remainingPause == 300)
        // A monotonic clock begins anew, perhaps behind where it was.
        let boot = Timestamp(nanoseconds: 5)
        let next = TryLimiter(limits: TryLimits(), state: state, at: boot)
        #expect(next.refusal(transaction: digest(1), connection: 7, at: boot) == .wait(.seconds(300)))
        #expect(next.refusal(transaction: digest(1), connection: 7, at: boot + .seconds(300)) == nil)
        #expect(next.state(at: boot).transactions == state.transactions)
        #expect(next.state(at: boot).failureAges == [0, 0, 0, 0, 0])
    }

    @Test func `new limits hold for what was counted, of connections too`() {
        var limiter = TryLimiter(limits: TryLimits(), at: start)
        for number in 1...9 { limiter.noteFailure(transaction: digest(number), connection: 1, of: 5, at: start) }
        var limits = TryLimits()
        (limits.failedTriesPerHour, limits.longestPause) = (20, .seconds(60))
        limiter.change(limits, at: start)
        #expect(limiter.refusal(transaction: digest(99), connection: 1, at: start) == nil)
        limiter.noteFailure(transaction: digest(10), connection: 1, of: 5, at: start)
        #expect(limiter.refusal(transaction: digest(99), connection: 1, at: start) == .wait(.seconds(60)))
        limits.longestPause = .seconds(30)
        limiter.change(limits, at: start)
        #expect(limiter.refusal(transaction: digest(99), connection: 1, at: start) == .wait(.seconds(30)))
        limits.failedTriesPerHour = 5
        limiter.change(limits, at: start)
        #expect(limiter.refusal(transaction: digest(99), connection: 2, at: after(40)) == .wait(.seconds(3560)))
    }

    @Test func `the hour goes on after a restart`() {
        var limits = TryLimits()
        limits.failedTriesPerHour = 2
        var limiter = TryLimiter(limits: limits, at: start)
        limiter.noteFailure(transaction: digest(1), connection: 1, of: 5, at: start)
        limiter.noteFailure(transaction: digest(2), connection: 2, of: 5, at: after(100))
        let next = TryLimiter(limits: limits, state: limiter.state(at: after(1000)), at: start)
        #expect(next.refusal(transaction: digest(3), connection: 3, at: start) == .wait(.seconds(2600)))
        #expect(next.refusal(transaction: digest(3), connection: 3, at: after(2600)) == nil)
    }

    @Test func `a damaged state locks nobody out and traps nowhere`() {
        var state = TryLimiter.State()
        state.transactions = [
            .init(digest: digest(1).bytes, failedTries: .max, remainingPause: .max),
            .init(digest: digest(2).bytes, failedTries: -1, remainingPause: .min),
            .init(digest: [1, 2, 3], failedTries: 1, remainingPause: 1),
            .init(digest: digest(1).bytes, failedTries: 1, remainingPause: 1),
        ]
        state.verified = [[], digest(3).bytes, digest(3).bytes]
        state.failureAges = [.max, .min, 3601, 5]
        state.remainingPause = .max
        var limiter = TryLimiter(limits: TryLimits(), state: state, at: start)
        #expect(limiter.refusal(transaction: digest(1), connection: 1, at: start) == .wait(.seconds(1)))
        #expect(limiter.refusal(transaction: digest(9), connection: 1, at: start) == .wait(.seconds(300)))
        #expect(limiter.refusal(transaction: digest(3), connection: 1, at: start) == .alreadyVerified)
        state.transactions.removeLast()
        limiter = TryLimiter(limits: TryLimits(), state: state, at: start)
        #expect(limiter.refusal(transaction: digest(1), connection: 1, at: start) == .wait(.seconds(300)))
        limiter.noteFailure(transaction: digest(1), connection: 1, of: 5, at: start)
        #expect(limiter.refusal(transaction: digest(1), connection: 1, at: after(300)) == nil)
    }

    @Test func `forgetting a transaction opens no way around its pause`() {
        var limits = TryLimits()
        limits.failedTriesPerHour = 10_000
        var limiter = TryLimiter(limits: limits, at: start)
        for _ in 1...5 { limiter.noteFailure(transaction: digest(0), connection: 0, of: 5, at: start) }
        for number in 1...TryLimiter.failedCapacity {
            limiter.noteFailure(transaction: digest(number), connection: UInt64(number), of: 5, at: after(1))
        }
        let state = limiter.state(at: after(1))
        #expect(state.transactions.count == TryLimiter.failedCapacity)
        #expect(!state.transactions.contains { $0.digest == digest(0).bytes })
        #expect(limiter.refusal(transaction: digest(0), connection: 9999, at: after(1)) == .wait(.seconds(299)))
        let next = TryLimiter(limits: limits, state: state, at: after(1))
        #expect(next.refusal(transaction: digest(0), connection: 9999, at: after(1)) == .wait(.seconds(299)))
        #expect(next.refusal(transaction: digest(0), connection: 9999, at: after(300)) == nil)
        #expect(state.failureAges.count == TryLimiter.failedCapacity + 5)
    }

    @Test(
        arguments: [
            (Verdict.verified, [], false), (.notMatched, [.nonMatch], true), (.refer, [.comparisonUndetermined], true),
            (.attackSuspected, [.personChanged], true), (.undetermined, [.timeLimit, .noResponse], true),
            (.undetermined, [.trackBroken], true), (.undetermined, [.timeLimit, .noFace], false),
            (.undetermined, [.timeLimit, .trackBroken, .noFace], true),
            (.undetermined, [.cameraFault], false), (.undetermined, [.deviceStopping], false),
        ] as [(Verdict, [Reason], Bool)])
    func `only a failed person counts as a failed try`(verdict: Verdict, reasons: [Reason], counts: Bool) {
        let outcome = Outcome(verdict: verdict, reasons: reasons, steps: [], layers: LivenessLayers())
        #expect(Ending.decided(outcome).countsAsFailure == counts)
    }

    @Test func `endings without a verdict count as no try, but for one that broke off a challenge`() {
        #expect(Ending.abandoned.countsAsFailure)
        #expect(!Ending.cancelled.countsAsFailure && !Ending.referenceRefused.countsAsFailure)
        #expect(!Ending.unrecorded.countsAsFailure)
        #expect(!Ending.cameraUnavailable(.unplugged(name: "camera")).countsAsFailure)
    }
}

@Suite struct NonceMemoryTests {
    private func digest(_ number: Int) -> Digest { unsafe Digest(of: Array("\(number)".utf8).span.bytes) }

    private func use(_ number: Int, _ memory: inout NonceMemory) -> Bool { memory.use(digest(number)) }

    @Test func `a nonce is used once, also after a restart`() {
        var memory = NonceMemory()
        #expect(use(1, &memory) == true)
        #expect(use(1, &memory) == false)
        memory = NonceMemory(exported: memory.exported)
        #expect(use(1, &memory) == false)
        #expect(use(2, &memory) == true)
    }

    @Test func `the oldest nonce makes room for the newest`() {
        var memory = NonceMemory()
        for number in 0..<NonceMemory.capacity { #expect(use(number, &memory) == true) }
        #expect(use(0, &memory) == false)
        #expect(use(-1, &memory) == true)
        #expect(memory.exported.count == NonceMemory.capacity)
        #expect(memory.exported.first == digest(1).bytes)
        #expect(use(0, &memory) == true)
        #expect(use(2, &memory) == false)
    }

    @Test func `what is no digest is left out`() {
        #expect(NonceMemory(exported: [[], [1], digest(1).bytes, digest(1).bytes]).exported == [digest(1).bytes])
    }
}
