import Glibc
import Interface
import Platform
import Session
import Varlink

/// Draws where the camera looks, until it is interrupted; on a terminal only, so that no picture is kept.
func aim(_ arguments: Arguments) -> ExitStatus {
    guard Console.outputIsTerminal else {
        printError("portraitctl: aim draws on a terminal only")
        return .usage
    }
    do throws(CallFault) {
        var drawn = 0
        try forEachReply(arguments, "\(InterfaceTexts.service).Aim", more: true) { (output: Technician.ViewOutput, _) in
            guard let view = output.view else { return }
            let lines = picture(of: view) + bars(of: view)
            if drawn > 0 { print("\u{1B}[\(drawn)F", terminator: "") }
            print(lines.map { "\($0)\u{1B}[K" }.joined(separator: "\n"))
            Console.flush()
            drawn = lines.count
        }
        return .success
    } catch {
        return tell(error)
    }
}

/// Two rows of points a line, as half blocks in grey, mirrored as in a mirror; the face has an outline.
private func picture(of view: Technician.View) -> [String] {
    guard let points = Base64URL.decode(view.points), (1...96).contains(view.columns), (1...54).contains(view.rows),
        points.count == view.columns * view.rows
    else { return [] }
    func grey(_ column: Int, _ row: Int) -> Int {
        if row >= view.rows { return 0 }
        return isOutline(view, column, row) ? 255 : Int(points[row * view.columns + column])
    }
    return stride(from: 0, to: view.rows, by: 2).map { row in
        let cells = (0..<view.columns).reversed().map { column in
            let (upper, lower) = (grey(column, row), grey(column, row + 1))
            return "\u{1B}[38;2;\(upper);\(upper);\(upper)m\u{1B}[48;2;\(lower);\(lower);\(lower)m▀"
        }
        return cells.joined() + "\u{1B}[0m"
    }
}

/// Whether an ellipse around the face goes through the point.
private func isOutline(_ view: Technician.View, _ column: Int, _ row: Int) -> Bool {
    guard let face = view.face, face.width > 0, face.height > 0 else { return false }
    let x = ((Double(column) + 0.5) / Double(view.columns) - face.x) / face.width * 2 - 1
    let y = ((Double(row) + 0.5) / Double(view.rows) - face.y) / face.height * 2 - 1
    // One point wide.
    let width = 2 / max(face.width * Double(view.columns), 4)
    return abs((x * x + y * y).squareRoot() - 1) < width
}

private func bars(of view: Technician.View) -> [String] {
    guard let face = view.face else { return ["no face", "", ""] }
    let needs = FramingRequirements()
    let luminance = (Int(needs.luminanceMean.lowerBound), Int(needs.luminanceMean.upperBound))
    return [
        bar(
            "distance", Double(face.interEyePixels) / 160,
            "\(face.interEyePixels) pixels between the eyes, \(Int(needs.leastInterEyeDistance)) or more"),
        bar("sharpness", face.sharpness / 0.6, "\(needs.leastSharpness) or more"),
        bar(
            "exposure", Double(face.luminance) / 255,
            "\(face.luminance) of 255, \(luminance.0) to \(luminance.1)"),
    ]
}

private func bar(_ title: String, _ share: Double, _ text: String) -> String {
    let width = 24
    let filled = share.isFinite ? Int(min(max(share, 0), 1) * Double(width)) : 0
    let padding = String(repeating: " ", count: max(10 - title.count, 0))
    return title + padding + String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        + " \(text)"
}
