import Platform

/// How far a long command is, on a terminal; silent elsewhere.
struct ProgressBar {
    private let title: String
    private let total: Int
    private var done = 0
    private var shownTenths = -1

    init(_ title: String, total: Int) {
        self.title = title
        self.total = max(total, 1)
    }

    mutating func advance() {
        done += 1
        let tenths = done * 1000 / total
        guard Console.errorIsTerminal, tenths != shownTenths else { return }
        shownTenths = tenths
        let filled = min(done * 30 / total, 30)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        Console.writeError("\r\(title) \(bar) \(done)/\(total)\(done >= total ? "\n" : "")")
    }
}
