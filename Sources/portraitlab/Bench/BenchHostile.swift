import Foundation
import Glibc
import Platform
import Varlink

/// Compares what portraitd does quiet and while every kind of hostile client is at work, in turns.
///
/// portraitd runs alone on one core; the hostile clients run niced on another, with what measures. The interface does
/// not carry frames' times, so the frames come through a pipe that this program fills; a reply names its frame by
/// `remainingMilliseconds`.
func benchHostile(
    _ clip: BenchClip, _ packFolder: String, rounds: Int, seconds: Double, _ printer: FigurePrinter
) throws {
    guard let program = neighbour("portraitd") else {
        return try printer.show(Figure("hostile clients", notMeasured: "no portraitd beside this program"))
    }
    let cores = sysconf(CInt(_SC_NPROCESSORS_ONLN))
    let turned = clip.frames.filter { abs($0.yaw ?? 0) > 14 }.map(\.bytes)
    guard cores > 1, turned.count >= 8 else {
        return try printer.show(
            Figure("hostile clients", notMeasured: "\(cores) cores, \(turned.count) frames with a turned head"))
    }
    let setup = HostileSetup(
        program: program, packFolder: packFolder, frames: turned + turned.reversed(),
        message: SecureBytesBox(try VerifyMessage.make(portrait: clip.portrait.bytes)), seed: clip.seed,
        seconds: seconds, cores: (daemon: cores - 1, others: 0))
    let (quiet, hostile) = try measure(setup, rounds)
    try printer.show(quiet.figures + hostile.figures + hostile.comparison(with: quiet))
}

private func measure(_ setup: HostileSetup, _ rounds: Int) throws -> (quiet: HostileSeries, hostile: HostileSeries) {
    var (quiet, hostile) = (HostileSeries("quiet"), HostileSeries("hostile"))
    for round in 0..<rounds {
        // Whichever comes first changes, so that a slow drift of the machine hits both alike.
        for isHostile in round.isMultiple(of: 2) ? [false, true] : [true, false] {
            let played = try HostileRound.played(setup, isHostile: isHostile)
            if isHostile { hostile.played.append(played) } else { quiet.played.append(played) }
        }
    }
    for _ in 0..<(rounds + 1) / 2 {
        quiet.simulated.append(try HostileRound.simulated(setup, isHostile: false))
        hostile.simulated.append(try HostileRound.simulated(setup, isHostile: true))
    }
    return (quiet, hostile)
}

/// All rounds under one condition.
struct HostileSeries: Sendable {
    let condition: String
    var played: [HostileRound] = []
    var simulated: [HostileRound] = []

    init(_ condition: String) { self.condition = condition }

    var figures: [Figure] {
        let lost = (played + simulated).map { Double($0.framesDropped) }
        let frames = (played + simulated).map(\.framesReceived).reduce(0, +)
        let strays = played.map(\.strayCount).reduce(0, +)
        let verified = simulated.count { $0.verdict == "verified" }
        return [
            Figure(
                "\(condition): frame in the pipe to reply read", unit: "ms wall", played.flatMap(\.latencies),
                note: "\(strays) replies without a frame"),
            Figure("\(condition): frames lost, each verification", unit: "frames", lost, note: "of \(frames) in all"),
            Figure("\(condition): memory, VmHWM", unit: "MiB", played.map(\.residentPeak)),
            Figure(
                "\(condition): connect to status answered", unit: "ms wall",
                (played + simulated).flatMap(\.statusTimes),
                note: "turned away \((played + simulated).map(\.refusalCount).reduce(0, +)) times"),
            Figure(
                "\(condition): simulated customers verified", unit: "of \(simulated.count)", exactly: Double(verified),
                note: Set(simulated.compactMap(\.verdict)).sorted().joined(separator: ", ")),
        ]
    }

    /// What hostile clients change, each with its aim.
    func comparison(with quiet: HostileSeries) -> [Figure] {
        let growths = zip(played, quiet.played).map { $0.residentPeak - $1.residentPeak }
        let lost = zip(played + simulated, quiet.played + quiet.simulated).map { $0.framesDropped - $1.framesDropped }
        return [
            change(of: 0.5, "median of the latency", from: quiet),
            change(of: 0.99, "p99 of the latency", from: quiet, aim: "; aim below 10"),
            Figure(
                "hostile against quiet: frames lost", unit: "more", exactly: Double(lost.reduce(0, +)),
                note: "verification by verification \(lost); aim 0"),
            Figure("hostile against quiet: memory", unit: "MiB more", growths, note: "aim below 4.8 (5 MB)"),
        ]
    }

    private func change(of share: Double, _ name: String, from quiet: HostileSeries, aim: String = "") -> Figure {
        func change(_ ours: [HostileRound], _ theirs: [HostileRound]) -> Double {
            let (our, their) = (ours.flatMap(\.latencies), theirs.flatMap(\.latencies))
            return (quantile(share, of: our) / quantile(share, of: their) - 1) * 100
        }
        func shown(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
        let resampled = (0..<2000)
            .map { _ in change(Self.resampled(played), Self.resampled(quiet.played)) }.sorted()
        return Figure(
            "hostile against quiet: \(name)", unit: "% more", exactly: change(played, quiet.played),
            note: "95 % interval \(shown(resampled[50])) to \(shown(resampled[1949])), rounds resampled\(aim)")
    }

    private static func resampled(_ rounds: [HostileRound]) -> [HostileRound] {
        rounds.indices.compactMap { _ in rounds.randomElement() }
    }
}

private func quantile(_ share: Double, of values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
}
