import Imaging

/// Where the mesh follows a face, and for how long the detector has not seen it.
struct FaceTrack {
    /// What the detector and the mesh must agree on, as shares of the face's square.
    enum Limit {
        /// Beyond this offset the mesh stays wrong while its presence stays high (measured).
        static let drift = 0.15
        /// What the mesh believes of another place, as a share of its belief in the one that it follows, if it is wrong.
        ///
        /// Of three turns beyond 35° at which it was right, simulated, seeds 26046 and 27003, it believed 0.08...0.64 there.
        static let rival = 0.9
        /// A detection farther away is of somebody else.
        static let sameFace = 0.6
        /// A smaller one is in the background.
        static let sizeShare = 0.5
        static let presence = 0.5
        /// Pixels to which the square is decoded at least; the mesh network wants 192.
        static let decodedSide = 200.0
        static let framesBetweenChecks = 12
        /// As there may be no second face any more.
        static let framesBetweenChecksOfSeveral = 4
        /// Checks in a row without a detection, as for a head that is turned away, before the track is given up.
        static let missedChecks = 6
    }

    var square: RotatedSquare
    var framesToCheck = Limit.framesBetweenChecks
    var missedChecks = 0

    init(square: RotatedSquare) { self.square = square }
}
