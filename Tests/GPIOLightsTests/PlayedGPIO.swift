import GPIOLights
import Glibc
import Platform

/// One GPIO chip that remembers what its lines were told; used by one thread at a time.
final class PlayedGPIO: GPIOKernel, @unchecked Sendable {
    var lines: Set<String>
    var consumers: [String: String] = [:]
    /// What every call answers while it is set.
    var failure: CInt?
    /// What setting held lines answers while it is set.
    var setFailure: CInt?
    /// The physical levels after each change.
    fileprivate(set) var history: [[String: Bool]] = []
    fileprivate var generation = 0

    init(lines: [String]) { self.lines = Set(lines) }

    /// Takes the chip away and puts another in its place: held lines are lost.
    func exchangeChip() {
        generation += 1
        consumers = [:]
    }

    func consumer(of line: String, on chip: String) throws(Errno) -> String? {
        if let failure { throw Errno(failure) }
        guard lines.contains(line) else { throw Errno(ENOENT) }
        return consumers[line]
    }

    func hold(
        _ wanted: [String], on chip: String, high: [Bool], consumer: String
    ) throws(Errno) -> any HeldLines {
        if let failure { throw Errno(failure) }
        guard lines.isSuperset(of: wanted) else { throw Errno(ENOENT) }
        guard wanted.allSatisfy({ consumers[$0] == nil }) else { throw Errno(EBUSY) }
        for line in wanted { consumers[line] = consumer }
        history.append(Dictionary(uniqueKeysWithValues: zip(wanted, high)))
        return PlayedLines(kernel: self, names: wanted, generation: generation)
    }
}

private final class PlayedLines: HeldLines, @unchecked Sendable {
    private let kernel: PlayedGPIO
    private let names: [String]
    private let generation: Int

    init(kernel: PlayedGPIO, names: [String], generation: Int) {
        self.kernel = kernel
        self.names = names
        self.generation = generation
    }

    deinit {
        if kernel.generation == generation { for name in names { kernel.consumers[name] = nil } }
    }

    func set(_ high: [Bool]) throws(Errno) {
        try probe()
        if let failure = kernel.setFailure { throw Errno(failure) }
        kernel.history.append(Dictionary(uniqueKeysWithValues: zip(names, high)))
    }

    func probe() throws(Errno) {
        if let failure = kernel.failure { throw Errno(failure) }
        if kernel.generation != generation { throw Errno(ENODEV) }
    }
}
