/// Where challenges and light patterns are drawn from, so that no recording can know them.
package protocol Randomness: Sendable {
    /// 64 bits that are each as likely 0 as 1.
    func next() -> UInt64
}

/// The kernel's `getrandom`.
package struct KernelRandomness: Randomness {
    package init() {}

    package func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

/// Draws from a source of randomness.
package struct RandomDraw: RandomNumberGenerator {
    private let source: any Randomness

    package init(from source: any Randomness) { self.source = source }

    package func next() -> UInt64 { source.next() }
}
