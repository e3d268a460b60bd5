package import Biometrics
package import Ports

/// The types of `io.portraitd.Service`, as Codable values.
package enum Technician {
    package struct ReadLogInput: Codable, Hashable, Sendable {
        package var cursor: String?

        package init(cursor: String?) { self.cursor = cursor }
    }

    package struct ReadLogOutput: Codable, Hashable, Sendable {
        package var records: [String]
        package var cursor: String?

        package init(records: [String], cursor: String?) {
            self.records = records
            self.cursor = cursor
        }
    }

    package struct MaintenanceInput: Codable, Hashable, Sendable {
        package var isOn: Bool

        package init(isOn: Bool) { self.isOn = isOn }
    }

    package struct MaintenanceOutput: Codable, Hashable, Sendable {
        package var remainingMilliseconds: Int?

        package init(remainingMilliseconds: Int?) { self.remainingMilliseconds = remainingMilliseconds }
    }

    package struct Camera: Codable, Hashable, Sendable {
        package var node: String
        package var identity: CameraIdentity?
        package var card: String
        package var driver: String
        package var bus: String
        package var megabitsPerSecond: Double?
        package var captures: Bool
        package var isVirtual: Bool
        package var formats: [String]
        package var problem: String?

        package init(_ camera: CameraDescription) {
            self.node = camera.node
            self.identity = camera.identity
            self.card = camera.card
            self.driver = camera.driver
            self.bus = camera.bus
            self.megabitsPerSecond = camera.megabitsPerSecond
            self.captures = camera.captures
            self.isVirtual = camera.isVirtual
            self.formats = camera.formats
            self.problem = camera.problem
        }
    }

    package struct CamerasOutput: Codable, Hashable, Sendable {
        package var cameras: [Camera]
        package var pinned: CameraIdentity?

        package init(cameras: [Camera], pinned: CameraIdentity?) {
            self.cameras = cameras
            self.pinned = pinned
        }
    }

    package struct PinOutput: Codable, Hashable, Sendable {
        package var pinned: CameraIdentity

        package init(pinned: CameraIdentity) { self.pinned = pinned }
    }

    package enum Lamp: String, Codable, Hashable, Sendable, CaseIterable {
        case privacyLamp, left, right, front, green, yellow, red, white
    }

    package struct LampInput: Codable, Hashable, Sendable {
        package var lamp: Lamp?

        package init(lamp: Lamp?) { self.lamp = lamp }
    }

    package struct LampOutput: Codable, Hashable, Sendable {
        package var lamp: Lamp?

        package init(lamp: Lamp?) { self.lamp = lamp }
    }

    package enum CheckResult: String, Codable, Hashable, Sendable, CaseIterable { case pass, warning, fail, unknown }

    package struct Check: Codable, Hashable, Sendable {
        package var name: String
        package var result: CheckResult
        package var seen: String
        package var meaning: String
        package var remedy: String?

        package init(name: String, result: CheckResult, seen: String, meaning: String, remedy: String? = nil) {
            self.name = name
            self.result = result
            self.seen = seen
            self.meaning = meaning
            self.remedy = remedy
        }
    }

    package struct CheckOutput: Codable, Hashable, Sendable {
        package var check: Check?

        package init(check: Check?) { self.check = check }
    }

    package struct AimFace: Codable, Hashable, Sendable {
        package var x: Double
        package var y: Double
        package var width: Double
        package var height: Double
        package var interEyePixels: Int
        package var sharpness: Double
        package var luminance: Int

        /// A face in a frame of `width` by `height` pixels.
        package init(_ face: FaceObservation, width: Int, height: Int) {
            let (width, height) = (Double(max(width, 1)), Double(max(height, 1)))
            self.x = face.box.x / width
            self.y = face.box.y / height
            self.width = face.box.width / width
            self.height = face.box.height / height
            self.interEyePixels = Int(face.quality.interEyeDistance)
            self.sharpness = face.quality.sharpness
            self.luminance = Int(face.quality.luminanceMean)
        }
    }

    package struct View: Codable, Hashable, Sendable {
        package var columns: Int
        package var rows: Int
        package var points: String
        package var faces: Int
        package var face: AimFace?

        package init(columns: Int, rows: Int, points: String, faces: Int, face: AimFace?) {
            self.columns = columns
            self.rows = rows
            self.points = points
            self.faces = faces
            self.face = face
        }
    }

    package struct ViewOutput: Codable, Hashable, Sendable {
        package var view: View?

        package init(view: View?) { self.view = view }
    }

    package struct LightCalibration: Codable, Hashable, Sendable {
        package var delayMilliseconds: Int
        package var left: Double
        package var right: Double
        package var front: Double

        package init(_ calibration: Ports.LightCalibration) {
            self.delayMilliseconds = calibration.delayMilliseconds
            (self.left, self.right, self.front) = (calibration.left, calibration.right, calibration.front)
        }
    }

    package struct LightCalibrationOutput: Codable, Hashable, Sendable {
        package var calibration: LightCalibration?

        package init(calibration: LightCalibration?) { self.calibration = calibration }
    }

    package struct Commissioning: Codable, Hashable, Sendable {
        package var hasCable: Bool
        package var camera: CameraIdentity?
        package var lamps: [Lamp]
        package var seenLamps: [Lamp]
        package var device: String?
        package var light: LightCalibration?

        package init(
            hasCable: Bool, camera: CameraIdentity?, lamps: [Lamp], seenLamps: [Lamp], device: String?,
            light: LightCalibration?
        ) {
            self.hasCable = hasCable
            self.camera = camera
            self.lamps = lamps
            self.seenLamps = seenLamps
            self.device = device
            self.light = light
        }
    }

    package struct CommissioningOutput: Codable, Hashable, Sendable {
        package var commissioning: Commissioning

        package init(commissioning: Commissioning) { self.commissioning = commissioning }
    }

    package struct SeenLampInput: Codable, Hashable, Sendable {
        package var lamp: Lamp

        package init(lamp: Lamp) { self.lamp = lamp }
    }

    package struct SeenLampsOutput: Codable, Hashable, Sendable {
        package var seenLamps: [Lamp]

        package init(seenLamps: [Lamp]) { self.seenLamps = seenLamps }
    }

    package struct CommissionOutput: Codable, Hashable, Sendable {
        package var device: String
        package var key: Device.PublicKey

        package init(device: String, key: Device.PublicKey) {
            self.device = device
            self.key = key
        }
    }
}
