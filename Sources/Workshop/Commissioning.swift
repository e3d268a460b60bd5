import Evidence
import Interface
import Pipeline
import Platform
import Ports
import Varlink

/// What makes a device of a board, step by step; each step can be done again.
extension Workshop {
    func getCommissioning(_ call: Call) {
        answer(call) {
            let keeper = try equipment.evidence.get()
            return Technician.CommissioningOutput(
                commissioning: Technician.Commissioning(
                    hasCable: equipment.bench != nil, camera: keeper.pinnedCamera, lamps: equipment.lights.lamps,
                    seenLamps: try seenLamps(), device: keeper.device,
                    light: keeper.lightCalibration.map { Technician.LightCalibration($0) }))
        }
    }

    func confirmLamp(_ call: Call) {
        if let obstacle = obstacle() { return call.fail(obstacle) }
        answer(call) {
            let lamp = try WireCoding.decode(Technician.SeenLampInput.self, from: call.parameters).lamp
            guard equipment.lights.lamps.contains(lamp) else { throw WireCoding.InvalidParameter(name: "lamp") }
            var seen = try seenLamps()
            if !seen.contains(lamp) { seen.append(lamp) }
            try equipment.evidence.get().keepSeenLamps(seen.map(\.rawValue))
            return Technician.SeenLampsOutput(seenLamps: seen)
        }
    }

    /// Has somebody who looks into the camera lit by the illuminators, and keeps what they did.
    func calibrateLights(_ call: Call) {
        let equipment = equipment
        work(call, encode: { Technician.LightCalibrationOutput(calibration: $0) }) { stop, report in
            do {
                var generator = RandomDraw(from: equipment.randomness)
                let keeper = try equipment.evidence.get()
                let calibration = try LightTrial(
                    camera: equipment.camera, lights: equipment.lights, pack: equipment.pack.get(),
                    time: equipment.time, stop: stop
                ).run(using: &generator)
                try keeper.keep(calibration)
                report(Technician.LightCalibration(calibration))
                return nil
            } catch let fault as any Fault {
                return .notPossible(fault)
            } catch {
                return .notPossible(problem: "\(error)", remedy: "See the journal of portraitd.")
            }
        }
    }

    func commission(_ call: Call) {
        if let obstacle = obstacle() { return call.fail(obstacle) }
        answer(call) {
            let (device, key) = try equipment.evidence.get().commission()
            Log.write(.notice, "event: commissioned, device: \(device)")
            return Technician.CommissionOutput(device: device, key: Device.PublicKey(JSONWebKey(key)))
        }
    }

    private func seenLamps() throws -> [Technician.Lamp] {
        try equipment.evidence.get().seenLamps().compactMap(Technician.Lamp.init)
    }

    /// Replies with what `body` returns, or tells its fault.
    func answer(_ call: Call, _ body: () throws -> some Encodable) {
        do { call.reply(try body()) } catch let refusal as WireCoding.InvalidParameter {
            call.failInvalidParameter(refusal.name)
        } catch let fault as any Fault {
            call.fail(.notPossible(fault))
        } catch {
            call.fail(.notPossible(problem: "\(error)", remedy: "See the journal of portraitd."))
        }
    }
}
