import Interface
import Platform
import Ports
import Varlink

/// Begins or ends the time in which counters are refused.
func setMaintenance(_ isOn: Bool, _ arguments: Arguments) -> ExitStatus {
    askService(arguments, "SetMaintenance", Technician.MaintenanceInput(isOn: isOn)) {
        (output: Technician.MaintenanceOutput) in
        if let remaining = output.remainingMilliseconds {
            print("Counters are refused. It ends by itself in \((remaining + 59_999) / 60_000) min.")
        } else {
            print("Counters are served.")
        }
    }
}

/// Prints what hangs on the cables.
func listCameras(_ arguments: Arguments) -> ExitStatus {
    askService(arguments, "ListCameras") { (output: Technician.CamerasOutput) in
        for line in output.cameras.flatMap(describe) { printLine(line) }
        if output.cameras.isEmpty { print("There is no camera node, or the device uses none.") }
        printLine(
            "pinned: \(output.pinned.map { "\($0)" } ?? "none; take the present one on with portraitctl cameras pin")")
    }
}

func pinCamera(_ arguments: Arguments) -> ExitStatus {
    askService(arguments, "PinCamera") { (output: Technician.PinOutput) in
        printLine("From now on only this camera is accepted: \(output.pinned).")
    }
}

/// Names each lamp while it is lit.
func testLights(_ arguments: Arguments) -> ExitStatus {
    askService(arguments, "TestLights", more: true) { (output: Technician.LampOutput) in
        print(output.lamp.map { "lit: \($0.rawValue)" } ?? "All lamps have been lit, one after another.")
    }
}

/// Measures the illuminators on whoever looks into the camera.
func calibrateLights(_ arguments: Arguments) -> ExitStatus {
    askService(arguments, "CalibrateLights", more: true) { (output: Technician.LightCalibrationOutput) in
        if let calibration = output.calibration { print(describe(calibration)) }
    }
}

func describe(_ light: Technician.LightCalibration) -> String {
    let shares = [("left", light.left), ("right", light.right), ("front", light.front)].filter { $0.1 > 0 }
        .map { "\($0.0) \($0.1.asPercent)" }
    return "\(shares.joined(separator: ", ")) of the room's light, \(light.delayMilliseconds) ms late"
}

private func describe(_ camera: Technician.Camera) -> [String] {
    if let problem = camera.problem { return ["\(camera.node): cannot be asked: \(problem)"] }
    let identity = camera.identity.map { "\($0)" } ?? "unknown"
    let kind = camera.captures ? camera.isVirtual ? ", without a sensor" : "" : ", delivers no frames"
    let speed = camera.megabitsPerSecond.map { ", \($0) Mbit/s" } ?? ""
    let formats = camera.formats.isEmpty ? [] : ["  formats: \(camera.formats.joined(separator: ", "))"]
    return [
        "\(camera.node): \(camera.card), \(identity)\(kind)", "  driver: \(camera.driver), bus: \(camera.bus)\(speed)",
    ] + formats
}

/// Asks the technicians' socket, and shows every answer until the last; with `--json` as it came.
func askService<Output: Codable>(
    _ arguments: Arguments, _ method: String, _ input: some Encodable = NoInput(), more: Bool = false,
    _ show: (Output) -> Void
) -> ExitStatus {
    do throws(CallFault) {
        try forEachReply(arguments, "\(InterfaceTexts.service).\(method)", input, more: more) {
            (output: Output, json) in
            if arguments.isJSON { printJSON(json) } else { show(output) }
            Console.flush()
        }
        return .success
    } catch {
        return tell(error)
    }
}
