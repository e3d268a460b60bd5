import Interface
import Pipeline
import Platform
import Ports
import Varlink

extension Workshop {
    /// Shows a technician where the camera looks.
    func aim(_ call: Call) {
        let equipment = equipment
        work(call, encode: { Technician.ViewOutput(view: $0) }) { stop, report in
            do {
                let loop = AimLoop(
                    camera: equipment.camera, lights: equipment.lights, pack: try equipment.pack.get(),
                    time: equipment.time, stop: stop)
                try loop.run { report(Technician.View($0)) }
                return nil
            } catch let failure as AimLoop.Failure {
                return .notPossible(failure.fault)
            } catch let fault as any Fault {
                return .notPossible(fault)
            } catch {
                return .notPossible(problem: "\(error)", remedy: "See the journal of portraitd.")
            }
        }
    }
}

extension Technician.View {
    fileprivate init(_ view: AimLoop.View) {
        self.init(
            columns: Glance.columns, rows: Glance.rows, points: Base64URL.string(view.points),
            faces: view.faceCount,
            face: view.face.map { Technician.AimFace($0, width: view.width, height: view.height) })
    }
}
