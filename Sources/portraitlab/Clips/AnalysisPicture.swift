import Biometrics
import Evaluation

extension Chart {
    /// Pose and eye opening of a clip over time, with its events; eye openings are in per cent of the eye's width.
    init(_ series: ObservationSeries, _ summary: ClipSummary, title: String) {
        let rate = summary.frameRate
        func line(_ name: String, _ value: (FaceObservation) -> Double?) -> Series {
            let points = series.frames.enumerated().map { index, face in
                face.flatMap(value).map { SIMD2(Double(index) / rate, $0) }
            }
            return Series(name: name, points: points)
        }
        func band(_ frames: (Int, Int), _ label: String) -> Band {
            Band(range: Double(frames.0) / rate...Double(frames.1 + 1) / rate, label: label)
        }
        self.init(
            title: title, horizontal: Axis("seconds", linear: 0...max(Double(series.frames.count) / rate, 0.1)),
            vertical: Axis("degrees, and eye opening in %", linear: -60...60, count: 12),
            series: [
                line("yaw") { $0.pose.yaw }, line("pitch") { $0.pose.pitch },
                line("left eye") { $0.eyeOpening.left.map { $0 * 100 } },
                line("right eye") { $0.eyeOpening.right.map { $0 * 100 } },
            ],
            bands: summary.blinks.map { band(($0[0], $0[1]), "blink") }
                + summary.turns.map { band(($0.start, $0.end), $0.direction) })
    }
}
