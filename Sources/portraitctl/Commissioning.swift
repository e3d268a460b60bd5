import Interface
import Platform
import Varlink

/// Walks a technician through what makes a device of a board; what is done already is passed over.
///
/// Without a daemon, or for a state folder that is named, only name and key are given.
func commission(_ arguments: Arguments) -> ExitStatus {
    if arguments.state != nil { return commissionOffline(arguments) }
    do throws(CallFault) {
        return try inMaintenance(arguments) { () throws(CallFault) in
            let output: Technician.CommissioningOutput = try answer(
                arguments, "\(InterfaceTexts.service).GetCommissioning")
            let done = output.commissioning
            for step in [takeCamera, seeLamps, seeLight, calibrate] {
                let status = try step(arguments, done)
                guard status == .success else {
                    printError("Then run it again: what is done is passed over.")
                    return status
                }
            }
            return try makeKey(arguments, done)
        }
    } catch {
        guard case .client(.noService) = error else { return tell(error) }
        printError("No daemon answers: name and key only. Run it again with portraitd running for camera and lights.")
        return commissionOffline(arguments)
    }
}

private func takeCamera(
    _ arguments: Arguments, _ done: Technician.Commissioning
) throws(CallFault) -> ExitStatus {
    if let camera = done.camera {
        printError(plain("camera: \(camera) was taken on before"))
    } else if done.hasCable {
        let output: Technician.PinOutput = try answer(arguments, "\(InterfaceTexts.service).PinCamera")
        printError(plain("camera: taken on \(output.pinned); any other is refused from now on"))
    } else {
        printError("camera: none on a cable, nothing to take on")
    }
    return .success
}

/// Lights each lamp until the technician has said whether it is lit.
private func seeLamps(
    _ arguments: Arguments, _ done: Technician.Commissioning
) throws(CallFault) -> ExitStatus {
    if done.lamps.isEmpty { printError("lamps: the device has none") }
    for lamp in done.lamps {
        if done.seenLamps.contains(lamp) {
            printError("lamp \(lamp.rawValue): seen lit before")
            continue
        }
        // It is lit as long as the connection is open.
        let isLit = try holding(arguments, "\(InterfaceTexts.service).TestLights", Technician.LampInput(lamp: lamp)) {
            isAnsweredYes("lamp \(lamp.rawValue): is it lit? [y/n] ")
        }
        guard let isLit else {
            printError("\nNobody answered. Run it at a terminal, or hand over a line with y or n for each lamp.")
            return .refusedInput
        }
        guard isLit else {
            printError("Check the lamp's wiring, and its line and ActiveLow= in the board profile's [Lights].")
            return .bad
        }
        let _: Technician.SeenLampsOutput = try answer(
            arguments, "\(InterfaceTexts.service).ConfirmLamp", Technician.SeenLampInput(lamp: lamp))
    }
    return .success
}

/// Asks until the answer begins with y or n; `nil` when nobody answers.
private func isAnsweredYes(_ question: String) -> Bool? {
    while true {
        Console.writeError(question)
        guard let line = readLine() else { return nil }
        switch line.lowercased().first {
        case "y": return true
        case "n": return false
        default: continue
        }
    }
}

/// Has the camera look at the room and at each illuminator, as the doctor does.
private func seeLight(
    _ arguments: Arguments, _ done: Technician.Commissioning
) throws(CallFault) -> ExitStatus {
    let names: Set = ["node", "identity", "lights", "frameRate", "exposure", "illuminators"]
    let checks = try examine(arguments).filter { names.contains($0.name) }
    for check in checks { printError(describe(check)) }
    return checks.contains { $0.result == .fail } ? .bad : .success
}

/// Has the illuminators measured on whoever looks into the camera; without it only some attacks are named as such.
private func calibrate(
    _ arguments: Arguments, _ done: Technician.Commissioning
) throws(CallFault) -> ExitStatus {
    guard done.lamps.contains(.left), done.lamps.contains(.right) else { return .success }
    if let light = done.light {
        printError("light: calibrated before, \(describe(light))")
        return .success
    }
    while true {
        Console.writeError("light: stand where customers stand, look into the camera, press Enter; s leaves it out ")
        guard let line = readLine(), !line.lowercased().hasPrefix("s") else {
            printError("\nlight: not calibrated; do it later with portraitctl lights calibrate")
            return .success
        }
        do throws(CallFault) {
            try forEachReply(arguments, "\(InterfaceTexts.service).CalibrateLights", more: true) {
                (output: Technician.LightCalibrationOutput, _) in
                if let light = output.calibration { printError("light: calibrated, \(describe(light))") }
            }
            return .success
        } catch {
            // Somebody may just have looked away.
            guard case .refused = error else { throw error }
            _ = tell(error)
        }
    }
}

private func makeKey(
    _ arguments: Arguments, _ done: Technician.Commissioning
) throws(CallFault) -> ExitStatus {
    let output: Technician.CommissionOutput = try answer(arguments, "\(InterfaceTexts.service).Commission")
    printError("key: \(done.device == nil ? "made" : "made before")")
    return export(Identity(device: output.device, key: output.key), arguments)
}
