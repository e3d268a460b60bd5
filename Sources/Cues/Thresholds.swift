/// Where the cues draw their lines, each with the measurement behind it or the word that there is none.
///
/// They hold for the pack's mesh network and for pictures of 640×480 to 1280×720.
package enum Thresholds {
    /// SHA-256 of that mesh network; `portraitctl doctor` tells when another one is used, or a board's own camera.
    package static let mesh = "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814"

    /// By a prototype's simulated heads, sheets and screens under illuminators of 5...20 % of the ambient light; no real
    /// illuminator was measured.
    package enum Light {
        /// Mean luminance of a face, 0...255, at which the illuminators hardly drive its skin into saturation.
        ///
        /// Of 24 overexposed persons, seeds 5864 to 5887, all passed so; at what the camera chose 15, and 2 were called an
        /// attack. 24 others, in office, sun and glasses and of dark skin, seeds 5888 to 5893, read no worse than before.
        package static let luminance = 95.0
        /// Mean rise of the face's brightness from which the shading must be told.
        package static let amplitude = 0.05
        /// And from which a head is believed whose shading is sure nevertheless, where the calibration expects no more.
        package static let leastAmplitude = 0.03
        /// Rise under the weaker of the left and the right.
        package static let leastSide = 0.025
        /// Heads: 0.45...1.37; with steady places counting for more, 52 simulated persons of seeds 5000 to 5051: 0.43...0.99;
        /// since the distance counts too, eleven of 5001 to 5326, nine of which had read too little: 0.52...0.78; since
        /// the room's light on each place counts too, 70 of 5928 to 5947: 0.28...1.80.
        package static let head = 0.40
        /// And up to which: of 70 heads, seeds 5928 to 5947, one read 1.80, the others up to 1.42.
        package static let mostShading = 2.0
        /// Of the shading: what a state may be off its side beyond noise, and what the front may shade beside two errors.
        ///
        /// Of 21 simulated heads, seeds 5400 to 5406, 20 read within both, and one of dark skin, which its error left open,
        /// did not. Of 43 screens that follow the room's brightness and guess the side, seeds 5400 to 5464, one was within
        /// the first, with 0.39 for the front; the lines were drawn on the first eight.
        package static let spread = 0.25
        package static let frontShading = 0.1
        /// How many times as much one part of a face may brighten as the other, or they are not compared: the sun made it
        /// up to 2.2 (seeds 5928 to 5968).
        package static let mostRiseRatio = 3.0
        /// What each part of a face shades at least of the other, and how many standard errors it may be below; where turns
        /// showed every part, more between halves, which they tell better.
        ///
        /// Cut below the nose, 120 honest persons of seeds 5100 to 5205 read up to 1.1, and the two half prints that turns
        /// had not told 1.4 and 1.9. Cut through the middle, they and 49 of 5300 to 5306 read up to 2.3; the one half print
        /// of 46 of 5300 to 5345 that turns had not told, 4.9.
        package static let evenShare = 0.5
        package static let mostUneven = 1.25
        package static let mostUnevenBesideRelief = 2.5
        /// Flat, convex, concave and oblique sheets: -0.44...0.21 at 10 % and more; since then, seeds 200 to 227, whole
        /// prints -0.02...0.05, half ones, beside which a face is seen, 0.02...0.41, and in seeds 5929 to 5977 -0.11...0.79.
        package static let sheet = 0.22
        /// Share of the rise that a face must show by the calibration, which a sheet sends back as well.
        ///
        /// Of 61 prints, seeds 23000 to 23012, the least sent back 0.73; an overexposed face, with 0.26, seemed a sheet.
        package static let returned = 0.5
        /// What no whole print reaches.
        ///
        /// One of seven simulated faces, with a flat nose, reads 0.20...0.50 in two patterns, seeds 5510 to 5539 and 5608 to
        /// 5647; of nine half prints that read as much, depth called eight an attack and passed none.
        package static let wholeSheet = 0.05
        /// Standard errors that a head must be above that line, and a sheet below.
        ///
        /// The error tells what noise does to within a factor of 1.5: whole prints spread by 0.7 to 1 of it, faces of
        /// dark skin, whose light the JPEG coding rounds, by 1.5.
        package static let belief = 2.0
        package static let accusation = 3.0
        /// Beyond, chance alone makes a head of too many sheets; one pattern reads some faces of dark skin so, two hardly.
        package static let mostError = 0.25
        /// Simulated heads read 0.01...0.15, an overexposed one 0.32, 20 videos that guess the pattern 0.33...9.7; the
        /// line is assumed.
        package static let misfit = 0.35
        /// Share of the rise that a head must show by the calibration, below which it is a screen: simulated ones of 14
        /// replays, seeds 0 to 7, gave back up to 0.29 of it, most of them less than 0.1; overexposed faces, whose
        /// exposure tells of a darker room than there is, seeds 5400 to 5415, 0.19 and more.
        package static let dull = 0.15
        /// And from which a head is believed, also under little light; assumed.
        package static let believable = 0.25
        /// And below `amplitude`, where noise weighs more; assumed.
        package static let weak = 0.4
        /// Expectations below are too near to the noise; the prototype's line.
        package static let leastExpected = 0.10
        /// A share that noise alone may show, as when the illuminators have failed; assumed.
        package static let dead = 0.05
        /// Of some 250 that a face has at 60 cm; assumed.
        package static let leastPatches = 60
        /// Assumed; ten frames a second leave 26 or 38 of a pattern between its changes, by chance.
        package static let leastFrames = 30
        /// Of pictures behind the illuminators: some UVC cameras hold three frames of 30 a second; assumed.
        package static let longestDelay = Duration.milliseconds(200)
        /// Beyond what the calibration allows, since exposures differ; assumed.
        package static let delaySpread = Duration.milliseconds(50)
    }

    package enum Depth {
        /// Degrees of turn against the neutral pose; less shows too little parallax, more hides half of the points.
        package static let turn = 8.0...30.0
        package static let leastPairs = 5
        package static let leastPoints = 20
        /// Of 127 turns to the left or right of drawn sheets, flat, bent, waved and worn, 123 stay below (-0.52...0.23; seeds
        /// 5600 to 5615); the flattest of seven simulated faces read 0.16...0.71 in 17 (5608 to 5647), the others 0.39 and
        /// more.
        ///
        /// No real print was measured; one phone read 0.00 over too few pairs to count.
        package static let sheet = 0.15
        /// All 127 stay below, and five of the 17; of 12 looks up or down before sheets one read 0.53.
        package static let flat = 0.25
        /// Twelve clips of real heads with any turn read 0.25...1.01 over all their pairs, eleven of them above 0.43; the
        /// least is one with glasses that glare.
        ///
        /// The line was drawn on the same clips.
        package static let head = 0.40
        /// In a prototype 2 % of the windows of real heads fell below 0.20.
        package static let agreeingSides = 2
        /// Share of the gain of the rest that each part of a face shows at least: left and right of the nose, and below its
        /// bridge.
        ///
        /// Of 120 honest persons of seeds 5100 to 5205 the least had 0.45 at a side, in glasses, and 0.48 below the bridge;
        /// one of 49 of 5300 to 5306 had 0.40 there. Of 24 half prints of 5100 to 5169 that depth had not called an attack,
        /// 22 had -1.2...0.36 at a side or -0.2...0.26 below; two, cut below the nose, had 0.72 and 0.51. Eight clips of
        /// real heads with ten pairs or more had 0.80 and more, but one of 0.34, at a side in one turn by 9°.
        package static let partShares = SIMD3(0.4, 0.4, 0.3)
        /// Of a part's and the rest's two equations, as a share of ⟨M, M⟩ squared: those honest persons had 0.26 and more.
        package static let leastDeterminant = 0.05
    }

    package enum Bezel {
        /// Share of a side that straight edges cover; the prototype's line.
        package static let side = 0.6
        /// Share of frames: two phones in hands 0.71 and 0.80, 20 live clips 0.00 but for one of 0.08; the
        /// line was drawn on the same clips.
        package static let share = 0.35
        package static let leastFrames = 4
    }

    package enum Moire {
        /// Live clips read 2.2...6.0 on average, two phones out of focus 3.1 and 3.4; a prototype read 11 to 12
        /// on a simulated replay in focus, and the line is its.
        package static let peak = 8.0
        package static let countedPeak = 7.0
        package static let leastPeaks = 3
        package static let leastReadings = 3
    }

    /// By 20 live clips and one of a phone in a hand, on which the lines were drawn; pixels are those of a frame 320 wide.
    package enum Surround {
        /// Pixels that the surround would go with the face; the prototype's line.
        package static let leastMotion = 0.8
        package static let leastPlaces = 8
        package static let leastPairs = 5
        /// Share of the face's motion that its surround missed: four live clips whose sides stood still long enough read
        /// 0.98...1.00, the phone 0.38.
        ///
        /// In three more a single pair read 0.54...0.63; the camera moved.
        package static let miss = 0.5
        /// Mean share of places that went along: those four 0.00, the phone 0.46.
        package static let following = 0.4
        /// Pixels that what stands still may seem to move, and the share of the places that must; assumed.
        package static let still: Float = 0.3
        package static let stillShare = 0.75
        package static let leastSidePlaces = 5
    }

    /// By simulated sensors, codecs and injected videos, seeds 0 to 7 of each; no real camera was measured.
    package enum Injection {
        /// Share of equal blocks from which a picture stands still: held ones read 1.00, coded ones up to 0.99, sensors
        /// 0.00.
        package static let still = 0.995
        /// And below which it moves again.
        package static let moving = 0.9
        /// An operator's held pictures lasted 0.4 s and more; drivers are known to repeat a frame or two.
        package static let holding = Duration.milliseconds(300)
        package static let leastHeld = 2
        /// Share of equal blocks below which a frame is new.
        package static let changed = 0.5
        package static let leastRepeated = 10
        package static let disorder = 3
        /// How far a key frame rises above the frames around it, as the sum of two logarithms of at most 1: a frame of
        /// a sensor rarely does.
        package static let keyFrame = 0.7
        /// Four key frames in a row.
        package static let equalGaps = 3
        package static let leastReadings = 30
    }

    /// By the same simulated persons and videos.
    package enum Continuity {
        /// Face heights per second squared: 0.05 in a thirtieth of a second, some 9 mm.
        package static let leap = 45.0
        /// How many times longer a leap is than the moves around it: honest leaps were below 2.
        package static let rest = 3.0
        /// A hand before the face may move it once.
        package static let leastCuts = 2
        package static let leastMoves = 30
    }
}
