import Platform

/// A reader of bytes from outside, for libFuzzer and for the test that mutates its seeds.
///
/// Bad bytes must end in a fault; what may never happen traps. What a run does depends on its bytes alone, so that a
/// finding can be run again. Thread-bound.
package protocol FuzzTarget: SendableMetatype {
    static var name: String { get }
    /// Bytes of the longest input that makes sense.
    static var longest: Int { get }
    /// Right inputs, from which mutations start.
    static var seeds: [[UInt8]] { get }

    init() throws

    func run(_ bytes: [UInt8])
}

extension FuzzTarget {
    /// Runs once and checks that no secure memory is kept.
    package func runWithoutTrace(_ bytes: [UInt8]) {
        let before = SecureMemory.allocatedByteCount
        run(bytes)
        precondition(SecureMemory.allocatedByteCount == before, "every block is given back")
    }
}

/// Every target; a new reader of outside bytes is one more line.
package let fuzzTargets: [any FuzzTarget.Type] = [
    CameraTarget.self,
    ClientTarget.self,
    ConfigurationTarget.self,
    EvidenceLogTarget.self,
    InterfaceTextTarget.self,
    JPEGTarget.self,
    MessageTarget.self,
    ModelTarget.self,
    PackTarget.self,
    RawFrameTarget.self,
    RecordingTarget.self,
    RequestTarget.self,
    ServerTarget.self,
]
