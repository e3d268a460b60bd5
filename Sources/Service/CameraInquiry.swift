import Platform
import Ports

/// Asks the camera whether it is ready, and keeps an answer that took its time: a camera whose control endpoint hangs
/// lets the driver wait for seconds, and with it the loop.
///
/// Thread-bound to the loop. What answers at once is asked anew each time.
package final class CameraInquiry {
    /// A camera in order answers within some milliseconds.
    private static let patience = Duration.milliseconds(250)
    private static let keepingTime = Duration.seconds(30)

    private let camera: any Camera
    private let time: any TimeSource
    private var kept: (fault: CameraFault?, end: Timestamp)?
    /// Called before the camera is asked.
    package var onAsking: () -> Void = {}

    init(_ camera: any Camera, time: any TimeSource) {
        self.camera = camera
        self.time = time
    }

    /// `nil` for a camera that is ready.
    func fault() -> CameraFault? {
        let start = time.now()
        if let kept, start < kept.end { return kept.fault }
        onAsking()
        var fault: CameraFault?
        do throws(CameraFault) { try camera.check() } catch { fault = error }
        let end = time.now()
        kept = end - start < Self.patience ? nil : (fault, end + Self.keepingTime)
        return fault
    }

    /// Another camera may be there.
    func forget() { kept = nil }
}
