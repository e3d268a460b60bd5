import Glibc
import Interface
import Platform
import Ports

/// Shows a verification while it runs: redrawn in place on a terminal, one line a change elsewhere.
struct LiveDisplay {
    private let isTerminal = Console.outputIsTerminal
    private var shownLines = 0
    private var lastLine = ""

    init() {}

    mutating func show(_ progress: Counter.Progress) {
        guard isTerminal else {
            let line = headline(progress)
            if line != lastLine { print(line) }
            lastLine = line
            return
        }
        clear()
        let lines = [headline(progress), bar(progress)] + picture(progress.outline)
        print(lines.joined(separator: "\n"))
        shownLines = lines.count
    }

    /// Takes back what is drawn.
    mutating func clear() {
        if shownLines > 0 { print("\u{1B}[\(shownLines)F\u{1B}[J", terminator: "") }
        shownLines = 0
        Console.flush()
    }
}

/// The stage, what is asked, and what can be changed.
func headline(_ progress: Counter.Progress) -> String {
    var words = [progress.stage.rawValue]
    if let step = progress.step, let steps = progress.steps { words.append("step \(step) of \(steps)") }
    if let instruction = progress.instruction { words.append(sentence(for: instruction)) }
    if let advice = progress.advice.first { words.append("(\(sentence(for: advice)))") }
    return words.joined(separator: " · ")
}

private func sentence(for instruction: Instruction) -> String {
    switch instruction {
    case .lookStraight: "look straight ahead"
    case .turnLeft: "turn your head to your left"
    case .turnRight: "turn your head to your right"
    case .lookUp: "look up"
    case .blink: "blink"
    }
}

private func sentence(for advice: Advice) -> String {
    switch advice {
    case .noFace: "no face is seen"
    case .severalFaces: "more than one face is seen"
    case .moveCloser: "come closer"
    case .moveBack: "move back"
    case .moveIntoCentre: "move into the centre"
    case .lookStraight: "look straight ahead"
    case .tooDark: "it is too dark"
    case .tooBright: "it is too bright"
    case .holdStill: "hold still"
    case .openEyes: "open your eyes"
    case .turnFurther: "a little further"
    }
}

/// The time that is left, as a bar of up to 30 seconds.
func bar(_ progress: Counter.Progress) -> String {
    let width = 30
    let filled = min(max(progress.remainingMilliseconds * width / 30_000, 0), width)
    let seconds = Double(progress.remainingMilliseconds / 100) / 10
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled) + " \(seconds) s"
}

/// The face as the customer would see it in a mirror.
func picture(_ outline: Counter.Outline?) -> [String] {
    let (columns, rows) = (48, 14)
    var canvas = Array(repeating: Array(repeating: Character(" "), count: columns), count: rows)
    func plot(_ x: Double, _ y: Double, _ sign: Character) {
        let (column, row) = (Int((1 - x) * Double(columns)), Int(y * Double(rows)))
        if canvas.indices.contains(row), canvas[row].indices.contains(column) { canvas[row][column] = sign }
    }
    if let outline {
        let box = outline.box
        let (middleX, middleY) = (box.x + box.width / 2, box.y + box.height / 2)
        for step in 0..<72 {
            let angle = Double(step) / 72 * 2 * .pi
            plot(middleX + cos(angle) * box.width / 2, middleY + sin(angle) * box.height / 2, "·")
        }
        // Eyes and nose wander with the head.
        let shiftX = sin(Double(outline.yawDegrees) * .pi / 180) * box.width * 0.6
        let shiftY = sin(Double(outline.pitchDegrees) * .pi / 180) * box.height * 0.4
        let eye: Character = outline.eyesOpen == false ? "-" : "o"
        plot(middleX + shiftX - box.width * 0.18, middleY + shiftY - box.height * 0.12, eye)
        plot(middleX + shiftX + box.width * 0.18, middleY + shiftY - box.height * 0.12, eye)
        plot(middleX + shiftX * 1.3, middleY + shiftY * 1.3 + box.height * 0.08, "^")
    }
    let edge = String(repeating: "─", count: columns)
    return ["┌\(edge)┐"] + canvas.map { "│\(String($0))│" } + ["└\(edge)┘"]
}
