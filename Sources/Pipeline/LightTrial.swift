import Biometrics
import Cues
package import Faces
import Frames
import Imaging
import Liveness
package import Platform
package import Ports
import Traces

/// Plays a light pattern on the face of somebody who stands where customers stand, and measures what frames show of it.
package struct LightTrial: Sendable {
    package enum Failure: Fault, Hashable {
        case noSides
        case noFace
        case stopped
        /// What the illuminators add to the room's light, as a share of it, and whether that lit a head.
        case unlike(left: Double, right: Double)
        case trial(CameraTrial.Failure)
        case pack(PackFault)

        package var problem: String {
            switch self {
            case .noSides: "The device has no illuminators at the left and right."
            case .noFace: "Nobody looked into the camera."
            case .stopped: "It was stopped."
            case .unlike(let left, let right):
                "The face did not brighten as a head does: left \(left.asPercent), right \(right.asPercent)."
            case .trial(let failure): failure.fault.problem
            case .pack(let fault): fault.problem
            }
        }

        package var remedy: String {
            switch self {
            case .noSides: "Name them in the board profile's [Lights], or go without the light challenge."
            case .noFace: "Stand where customers stand, look into the camera, and run portraitctl commission again."
            case .stopped: "Run portraitctl commission again."
            case .unlike:
                "Hold still and look into the camera; at 15 % of the room's light and more it is sure. Brighten the "
                    + "illuminators or dim the room, see portraitctl doctor, and run portraitctl commission again."
            case .trial(let failure): failure.fault.remedy
            case .pack(let fault): fault.remedy
            }
        }
    }

    /// How long somebody may take to look into the camera, and for how many frames in a row it must be.
    private static let patience = Duration.seconds(10)
    private static let steadyFrames = 20
    /// Degrees.
    private static let frontal = 15.0
    private static let delays = Duration.zero...Duration.milliseconds(300)

    private let camera: any Camera
    private let lights: any Lights
    private let pack: ModelPack
    private let time: any TimeSource
    private let stop: StopFlag

    package init(
        camera: any Camera, lights: any Lights, pack: ModelPack, time: any TimeSource, stop: StopFlag = StopFlag()
    ) {
        self.camera = camera
        self.lights = lights
        self.pack = pack
        self.time = time
        self.stop = stop
    }

    /// Returns after some six seconds with somebody before it, with camera and lights off and the face forgotten.
    package func run(
        using generator: inout some RandomNumberGenerator
    ) throws(Failure) -> LightCalibration {
        guard let pattern = LightPattern.draw(from: lights.fixtures.illuminators, using: &generator) else {
            throw .noSides
        }
        var view = try makeView()
        let face = try view.awaitFace(until: time.now() + Self.patience, frames: Self.steadyFrames)
        return try view.calibrate(with: pattern, on: face)
    }

    private func makeView() throws(Failure) -> View {
        let analyser: FaceAnalyser
        do throws(PackFault) { analyser = try FaceAnalyser(pack: pack) } catch { throw .pack(error) }
        let lit: LitCamera
        do throws(CameraTrial.Failure) { lit = try LitCamera(camera, lights, time) } catch { throw .trial(error) }
        return View(lit, analyser, time, stop)
    }

    /// The face as it is lit.
    private struct View: ~Copyable {
        private let camera: LitCamera
        private let time: any TimeSource
        private let stop: StopFlag
        private var analyser: FaceAnalyser
        private var gauge = LightGauge()

        init(_ camera: LitCamera, _ analyser: consuming FaceAnalyser, _ time: any TimeSource, _ stop: StopFlag) {
            self.camera = camera
            self.analyser = analyser
            self.time = time
            self.stop = stop
        }

        mutating func awaitFace(until deadline: Timestamp, frames: Int) throws(Failure) -> FaceObservation {
            var seen = 0
            while time.now() < deadline {
                let observation = try look()
                guard let face = observation?.face, observation?.isFrontal(within: LightTrial.frontal) ?? false else {
                    seen = 0
                    continue
                }
                seen += 1
                if seen == frames { return face }
            }
            throw .noFace
        }

        mutating func calibrate(
            with pattern: LightPattern, on face: FaceObservation
        ) throws(Failure) -> LightCalibration {
            let exposure = camera.holdExposure(at: LightExposure.share(for: face))
            let switches = try play(pattern)
            guard let light = gauge.reading([switches], late: LightTrial.delays) else { throw .noFace }
            guard light.result(beside: .unread) == .bonaFide else {
                throw .unlike(left: light.left, right: light.right)
            }
            return LightCalibration(
                delayMilliseconds: Int(light.delay.milliseconds), left: light.left, right: light.right,
                front: light.front, faceWidth: light.faceWidth, exposure: exposure)
        }

        private mutating func play(_ pattern: LightPattern) throws(Failure) -> [LightSwitch] {
            var switches: [LightSwitch] = []
            for state in pattern.states {
                let begin = time.now()
                do throws(CameraTrial.Failure) { try camera.show(state.illuminators) } catch { throw .trial(error) }
                let end = time.now()
                switches.append(LightSwitch(state.illuminators, from: begin, to: end))
                while time.now() < end + state.hold {
                    if let observation = try look() { measure(observation) }
                }
            }
            return switches
        }

        private mutating func measure(_ observation: FrameObservation) {
            guard let face = observation.face else { return }
            analyser.withFace { mesh, picture in
                gauge.observe(mesh.points, pose: face.pose, square: mesh.square, of: picture, at: observation.timestamp)
            }
        }

        /// The next frame; `nil` when it was broken, could not be read, or shows no face.
        private mutating func look() throws(Failure) -> FrameObservation? {
            if stop.isRaised { throw .stopped }
            do throws(CameraTrial.Failure) {
                guard let frame = try camera.next() else { return nil }
                let observation = try camera.read { () throws(ImagingFault) in
                    try analyser.observe(frame, eyes: .none)
                }
                return observation?.face == nil ? nil : observation
            } catch { throw .trial(error) }
        }
    }
}

extension FrameObservation {
    /// Whether somebody alone looks ahead.
    fileprivate func isFrontal(within degrees: Double) -> Bool {
        guard faceCount == 1, let pose = face?.pose else { return false }
        return abs(pose.yaw) < degrees && abs(pose.pitch) < degrees
    }
}
