import Evaluation
import Faces
import Foundation
import Glibc
import Platform
import Rendering

/// Measures how fast and how large the firmware is; every figure is printed as soon as it is there.
func bench(_ words: [String]) throws {
    let kinds = ["--peers", "--hostile", "--evidence", "--crashes"]
    let options = try Options(
        words, flags: ["--json", "--peers", "--hostile", "--evidence"],
        values: ["--seconds", "--seed", "--rounds", "--crashes"])
    let chosen = kinds.filter { options.has($0) || options.values[$0] != nil }
    guard chosen.count <= 1 else { throw LabFault.usage("\(chosen.joined(separator: " and ")) are measured apart") }
    let seconds = try options.number("--seconds", default: 20, in: 1...600)
    let seed = UInt64(try options.number("--seed", default: 1000, in: 0...1e15))
    let printer = FigurePrinter(isJSON: options.has("--json"))
    if options.has("--evidence") { return try benchEvidence(printer) }
    if options.values["--crashes"] != nil {
        let crashes = Int(try options.number("--crashes", default: 1, in: 1...100_000))
        try benchCrashes(rounds: crashes, printer)
        return try benchDaemonKills(rounds: crashes, packFolder: options.packFolder, printer)
    }
    let pack = try options.pack()
    let portrait = try Portrait.astronaut(pack: options.packFolder)
    let clip = try BenchClip(seed: seed, count: 300, pack: pack, portrait: portrait)
    printer.head(machine: Machine(), seed: seed, frames: clip.frames.count)
    if options.has("--peers") {
        return try comparePeers(clip, pack: pack, seconds: seconds, printer)
    }
    if options.has("--hostile") {
        let rounds = Int(try options.number("--rounds", default: 6, in: 1...100))
        return try benchHostile(clip, options.packFolder, rounds: rounds, seconds: min(seconds, 25), printer)
    }
    try benchFrames(clip, pack: pack, seconds: seconds, printer)
    try benchAllocations(clip, pack: pack, printer)
    try benchLatency(clip, pack: pack, seconds: min(seconds, 25), printer)
    try benchDaemon(clip, packFolder: options.packFolder, printer)
    benchPrograms(printer)
}

/// One line of the result.
struct Figure: Encodable {
    let name: String
    let unit: String
    var median: Double?
    var p99: Double?
    var least: Double?
    /// How many times it was measured.
    var samples: Int?
    var note: String?
    /// Why there is no number.
    var notMeasured: String?

    /// A figure that was measured often.
    init(_ name: String, unit: String, _ values: [Double], note: String? = nil) {
        let sorted = values.sorted()
        self.name = name
        self.unit = unit
        self.note = note
        self.samples = sorted.count
        guard let first = sorted.first else {
            self.notMeasured = "nothing was counted"
            return
        }
        self.median = Evaluation.median(sorted)
        self.p99 = sorted[min(sorted.count * 99 / 100, sorted.count - 1)]
        self.least = first
    }

    init(_ name: String, notMeasured reason: String) {
        self.name = name
        self.unit = ""
        self.notMeasured = reason
    }

    /// A figure that was counted once.
    init(_ name: String, unit: String, exactly value: Double, note: String? = nil) {
        self.name = name
        self.unit = unit
        self.median = value
        self.note = note
    }

    var text: String {
        if let notMeasured { return "\(name): not measured: \(notMeasured)" }
        func shown(_ value: Double?) -> String { value.map { "\(($0 * 1000).rounded() / 1000)" } ?? "–" }
        var line = "\(name): \(shown(median)) \(unit)"
        if samples != nil { line += " (p99 \(shown(p99)), least \(shown(least)), \(samples ?? 0) times)" }
        return note.map { "\(line); \($0)" } ?? line
    }
}

/// Writes figures for people or for programs.
struct FigurePrinter {
    let isJSON: Bool

    func show(_ figure: Figure) throws {
        if isJSON { try printJSON(figure) } else { print(figure.text) }
        Console.flush()
    }

    func show(_ figures: [Figure]) throws { for figure in figures { try show(figure) } }

    func head(machine: Machine, seed: UInt64, frames: Int) {
        let clip =
            "frames: \(frames) of the simulated verification of seed \(seed), 1280x720 Motion JPEG, on a manual clock"
        if !isJSON { print("\(machine.text)\n\(clip)\ntimes are CPU time of one thread unless they say wall") }
        if isJSON { try? printJSON(["machine": machine.text, "clip": clip]) }
    }
}

/// What the figures were measured on.
struct Machine {
    static var processor: String? {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return name?.trimmingCharacters(in: .whitespaces)
    }

    var text: String {
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.prefix { $0 != " " } ?? "unknown"
        let cores = sysconf(CInt(_SC_NPROCESSORS_ONLN))
        return "machine: \(Self.processor ?? "unknown processor"), \(cores) cores, load \(load)"
    }
}

/// The calling thread's CPU time in milliseconds.
func threadMilliseconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
}

/// The CPU time of `body` in milliseconds.
func measured<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> Double {
    let start = threadMilliseconds()
    try body()
    return threadMilliseconds() - start
}
