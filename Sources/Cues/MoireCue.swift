package import Biometrics

/// The strongest periodic pattern on a face, in robust standard deviations above the frequencies around it.
package struct MoireReading: Hashable, Sendable {
    package let peak: Double
    /// Frequencies above `Thresholds.Moire.countedPeak`.
    package let peakCount: Int

    package init(peak: Double, peakCount: Int) {
        self.peak = peak
        self.peakCount = peakCount
    }
}

/// Whether the face carries a grid, as the beat of a screen's pixels with the camera's leaves it (Patel, Han and Jain,
/// IEEE TIFS 2016, name moiré as a sign of replays).
///
/// It only denies: a screen out of focus shows none.
package struct MoireCue: Hashable, Sendable {
    private var readingCount = 0
    private var gridCount = 0
    private var peakSum = 0.0

    package init() {}

    package mutating func observe(_ reading: MoireReading) {
        readingCount += 1
        peakSum += reading.peak
        let isGrid = reading.peak >= Thresholds.Moire.peak && reading.peakCount >= Thresholds.Moire.leastPeaks
        if isGrid { gridCount += 1 }
    }

    /// The mean peak, for reports; `nil` before the first.
    package var meanPeak: Double? { readingCount > 0 ? peakSum / Double(readingCount) : nil }

    package var result: Cue {
        guard readingCount >= Thresholds.Moire.leastReadings else { return .notChecked }
        return 2 * gridCount > readingCount ? .attack : .undetermined
    }
}
