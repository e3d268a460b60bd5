package import Platform

/// How often verifications may fail before the customer has to wait.
package struct TryLimits: Hashable, Sendable {
    /// Of one connection without a verified customer between them; then every further try costs the longest pause.
    package var failedTriesPerConnection = 10
    /// Of the whole device in any hour that it is on; one more has to wait until the oldest is an hour ago.
    package var failedTriesPerHour = 60
    /// After the first failed try of a transaction; doubled after each further one, up to the longest.
    package var pauseAfterFailure = Duration.seconds(2)
    package var longestPause = Duration.seconds(300)

    package init() {}

    /// `tries` is how often a transaction may fail until every further try costs the longest pause.
    func pause(afterFailures count: Int, of tries: Int) -> Duration {
        if count >= tries { return longestPause }
        var pause = pauseAfterFailure
        for _ in 1..<max(count, 1) where pause < longestPause { pause = pause * 2 }
        return min(pause, longestPause)
    }
}

/// Decides whether a verification may be tried, from those that failed.
///
/// Knows transactions by their digests and nothing of a portrait. Its time is `CLOCK_MONOTONIC`, and what it exports are
/// durations, not points in time: no clock that is set changes a pause. Time in which the device is off does not count,
/// so a pause is never cut short, and a restart makes it no longer than the longest one.
///
/// Bounded: of failed transactions the newest 256 are remembered. When one is forgotten whose pause is not over, every
/// unknown transaction waits for that long, so that forgetting opens no way around a pause. Of verified transactions the
/// newest 4096 are remembered.
package struct TryLimiter: Hashable, Sendable {
    package static let failedCapacity = 256
    package static let verifiedCapacity = 4096
    /// More than a server has connections.
    package static let connectionCapacity = 64

    /// Why a verification may not begin.
    package enum Refusal: Hashable, Sendable {
        case wait(Duration)
        /// For good.
        case alreadyVerified
    }

    /// What outlives a restart; durations in seconds, rounded so that nothing is unlocked early.
    package struct State: Hashable, Sendable {
        package struct Transaction: Hashable, Sendable {
            /// 32 bytes.
            package var digest: [UInt8]
            package var failedTries: Int
            package var remainingPause: Int

            package init(digest: [UInt8], failedTries: Int, remainingPause: Int) {
                self.digest = digest
                self.failedTries = failedTries
                self.remainingPause = remainingPause
            }
        }

        /// By their last failure, oldest first.
        package var transactions: [Transaction] = []
        /// Digests of 32 bytes, oldest first.
        package var verified: [[UInt8]] = []
        /// Of the failed tries of the last hour, oldest first.
        package var failureAges: [Int] = []
        /// Of transactions that are not listed.
        package var remainingPause = 0

        package init() {}
    }

    private struct Entry<Key: Hashable & Sendable>: Hashable, Sendable {
        let key: Key
        var failedTries: Int
        var waitsUntil: Timestamp
    }

    /// No policy allows more.
    private static let mostTries = 100
    private static let hour = Duration.seconds(3600)

    private var limits: TryLimits
    /// By their last failure, oldest first, as are `connections`.
    private var transactions: [Entry<Digest>] = []
    private var connections: [Entry<UInt64>] = []
    private var verified: DigestMemory
    /// Of the last hour, oldest first; never more than its limit.
    private var failures: [Timestamp] = []
    private var strangersWaitUntil: Timestamp

    /// Goes on from `state`; pauses in it that are longer than the longest are cut, and what cannot be is left out.
    package init(limits: TryLimits, state: State = State(), at now: Timestamp) {
        self.limits = limits
        self.verified = DigestMemory(capacity: Self.verifiedCapacity, exported: state.verified)
        func end(of pause: Int) -> Timestamp { now + min(.seconds(max(pause, 0)), limits.longestPause) }
        self.strangersWaitUntil = end(of: state.remainingPause)
        for transaction in state.transactions.suffix(Self.failedCapacity) where transaction.failedTries > 0 {
            guard let digest = Digest(bytes: transaction.digest) else { continue }
            transactions.removeAll { $0.key == digest }
            transactions.append(
                Entry(
                    key: digest, failedTries: min(transaction.failedTries, Self.mostTries),
                    waitsUntil: end(of: transaction.remainingPause)))
        }
        self.failures = state.failureAges.suffix(limits.failedTriesPerHour)
            .map { now + (.zero - min(.seconds(max($0, 0)), Self.hour)) }.sorted()
    }

    /// Why this try may not begin at `now`; `nil` when it may.
    package func refusal(transaction: Digest, connection: UInt64, at now: Timestamp) -> Refusal? {
        if verified.contains(transaction) { return .alreadyVerified }
        var end = transactions.first { $0.key == transaction }?.waitsUntil ?? strangersWaitUntil
        if let entry = connections.first(where: { $0.key == connection }) { end = max(end, entry.waitsUntil) }
        if failures.count >= limits.failedTriesPerHour, let oldest = failures.first {
            end = max(end, oldest + Self.hour)
        }
        return end > now ? .wait(end - now) : nil
    }

    /// Counts a failed try; such without a face, faults, and those cancelled before the challenge are none, see
    /// `Ending.countsAsFailure`.
    ///
    /// The transaction may fail `tries` times.
    package mutating func noteFailure(
        transaction: Digest, connection: UInt64, of tries: Int, at now: Timestamp
    ) {
        let count = 1 + Self.remove(transaction, from: &transactions)
        let pause = limits.pause(afterFailures: count, of: tries)
        transactions.append(Entry(key: transaction, failedTries: count, waitsUntil: now + pause))
        if transactions.count > Self.failedCapacity {
            strangersWaitUntil = max(strangersWaitUntil, transactions.removeFirst().waitsUntil)
        }

        let connectionTries = 1 + Self.remove(connection, from: &connections)
        let isOver = connectionTries >= limits.failedTriesPerConnection
        connections.append(
            Entry(key: connection, failedTries: connectionTries, waitsUntil: isOver ? now + limits.longestPause : now))
        if connections.count > Self.connectionCapacity { connections.removeFirst() }

        failures.removeAll { now - $0 >= Self.hour }
        failures = Array((failures + [now]).suffix(limits.failedTriesPerHour))
    }

    /// Ends a transaction for good; the device's hour goes on.
    package mutating func noteVerified(transaction: Digest, connection: UInt64) {
        Self.remove(transaction, from: &transactions)
        Self.remove(connection, from: &connections)
        verified.insert(transaction)
    }

    /// Limits that hold from now on, also for what was counted: pauses that are longer than the longest are cut.
    package mutating func change(_ limits: TryLimits, at now: Timestamp) {
        self.limits = limits
        let end = now + limits.longestPause
        for index in transactions.indices { transactions[index].waitsUntil = min(transactions[index].waitsUntil, end) }
        for index in connections.indices { connections[index].waitsUntil = min(connections[index].waitsUntil, end) }
        strangersWaitUntil = min(strangersWaitUntil, end)
        failures = failures.suffix(limits.failedTriesPerHour)
    }

    /// What to keep over a restart; call it after every change, and keep it before the verdict is told.
    package func state(at now: Timestamp) -> State {
        func remaining(_ end: Timestamp) -> Int { Int((max((end - now).nanoseconds, 0) + 999_999_999) / 1_000_000_000) }
        var state = State()
        state.transactions = transactions.map {
            .init(digest: $0.key.bytes, failedTries: $0.failedTries, remainingPause: remaining($0.waitsUntil))
        }
        state.verified = verified.exported
        state.failureAges = failures.map { Int((now - $0).nanoseconds / 1_000_000_000) }.filter { $0 < 3600 }
        state.remainingPause = remaining(strangersWaitUntil)
        return state
    }

    /// Forgets `key` and returns how often it had failed.
    @discardableResult
    private static func remove<Key>(_ key: Key, from entries: inout [Entry<Key>]) -> Int {
        guard let index = entries.firstIndex(where: { $0.key == key }) else { return 0 }
        return entries.remove(at: index).failedTries
    }
}

extension Ending {
    /// Whether somebody failed to be verified, rather than nobody tried or the device could not.
    package var countsAsFailure: Bool {
        switch self {
        case .unrecorded, .referenceRefused, .lightsUnavailable, .cameraUnavailable, .cancelled: false
        // Or else a challenge could be drawn again until it suits.
        case .abandoned: true
        case .decided(let outcome):
            switch outcome.verdict {
            case .verified: false
            case .notMatched, .refer, .attackSuspected: true
            case .undetermined:
                outcome.reasons.contains(.trackBroken)
                    || !outcome.reasons.contains { [.noFace, .cameraFault, .deviceStopping].contains($0) }
            }
        }
    }
}
