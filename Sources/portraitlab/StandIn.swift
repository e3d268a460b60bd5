import Frames
import Glibc
import Interface
import Platform
import Ports
import Rendering
import Settings
import Simulator

/// Plays the person before a real camera device: frames go to standard output, what the device says comes in.
func standIn(_ words: [String]) throws {
    let places = LampPlace.allCases
    let options = try Options(words, flags: [], values: Set(places.map(\.option) + ["--seed", "--scenario"]))
    var setup = CounterSetup(seed: 0)
    if let path = options.values["--scenario"] { setup = try CounterSetup(try SettingsFile(reading: path)) }
    setup.seed = UInt64(try options.number("--seed", default: Double(setup.seed), in: 0...1e15))
    let lamps = try places.compactMap { place in try options.values[place.option].map { try Lamp($0, at: place) } }
    let counter = SimulatedCounter(
        setup, portrait: try Portrait.astronaut(pack: options.packFolder), time: MonotonicClock())
    var person = try StandIn(counter, lamps: lamps)
    try person.play()
}

/// An illuminator whose line is read back from the driver.
private struct Lamp {
    let illuminator: Illuminators
    let path: String
    /// What the file holds while the lamp is lit.
    let litByte: UInt8

    /// Reads `LEVEL=FILE`.
    init(_ text: String, at place: LampPlace) throws(LabFault) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, parts[0] == "0" || parts[0] == "1" else {
            throw .usage("\(place.option) must be 0=FILE or 1=FILE")
        }
        self.illuminator = place.illuminator
        self.path = String(parts[1])
        self.litByte = parts[0].utf8.first ?? 0
    }

    /// Without the file, as without the chip, it is dark.
    var isLit: Bool {
        guard let file = try? OwnedDescriptor(opening: path, flags: O_RDONLY) else { return false }
        var byte: UInt8 = 0
        return file.withRaw { unsafe read($0, &byte, 1) } == 1 && byte == litByte
    }
}

private enum LampPlace: String, CaseIterable {
    case left, right, front

    var option: String { "--\(rawValue)" }
    var illuminator: Illuminators {
        switch self {
        case .left: .left
        case .right: .right
        case .front: .front
        }
    }
}

private struct StandIn: ~Copyable {
    private let counter: SimulatedCounter
    private let lamps: [Lamp]
    private let pool: FramePool
    private var stream: any CameraStream
    private var heard: [UInt8] = []

    init(_ counter: SimulatedCounter, lamps: [Lamp]) throws(CameraFault) {
        self.counter = counter
        self.lamps = lamps
        self.pool = FramePool(capacity: 1, bytesPerFrame: counter.camera.maximumFrameByteCount)
        self.stream = try counter.camera.startStreaming()
    }

    /// Returns when the camera is to be unplugged, or nobody takes the frames any more.
    mutating func play() throws {
        while true {
            try listen()
            let lit = Illuminators(lamps.filter(\.isLit).map(\.illuminator))
            try counter.lights.show(LightState(privacyLamp: false, illuminators: lit))
            do throws(CameraFault) {
                guard let frame = try stream.nextFrame(from: pool, within: .seconds(1)) else { continue }
                try send(frame)
            } catch {
                if case .stalled = error { continue }
                return
            }
        }
    }

    /// Takes what was said meanwhile.
    private mutating func listen() throws(CameraFault) {
        var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        var chunk = [UInt8](repeating: 0, count: 4096)
        while unsafe poll(&entry, 1, 0) > 0 {
            let count = unsafe read(STDIN_FILENO, &chunk, chunk.count)
            if count <= 0 { break }
            heard += chunk[..<count]
        }
        while let end = heard.firstIndex(of: UInt8(ascii: "\n")) {
            try heed(Array(heard[..<end]))
            heard.removeFirst(end + 1)
        }
    }

    /// Shows one answer to the person; an empty line calls the next visitor.
    private mutating func heed(_ line: [UInt8]) throws(CameraFault) {
        if line.isEmpty {
            stream.stop()
            counter.prompts.show(nil)
            stream = try counter.camera.startStreaming()
        }
        guard let answer = try? WireCoding.decode(Counter.VerifyOutput.self, from: line) else { return }
        counter.prompts.show(
            answer.progress.map {
                Prompt(stage: $0.stage, instruction: $0.instruction, advice: $0.advice.first)
            })
    }

    /// Writes the size in four bytes, the lowest first, and the picture.
    private func send(_ frame: borrowing FrameLease) throws(CameraFault) {
        let size = (0..<4).map { UInt8(truncatingIfNeeded: frame.byteCount >> (8 * $0)) }
        try unsafe write(size.span.bytes)
        try frame.withBytes { bytes throws(CameraFault) in try write(bytes) }
    }

    private func write(_ bytes: RawSpan) throws(CameraFault) {
        do throws(Errno) { try writeAll(bytes, to: STDOUT_FILENO) } catch { throw .unplugged(name: "standard output") }
    }
}
