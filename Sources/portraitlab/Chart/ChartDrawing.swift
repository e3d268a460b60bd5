extension Chart {
    /// The drawing as a whole file.
    var svg: String {
        let plot = Plot(self)
        let parts =
            [plot.background] + bands.map(plot.draw) + plot.grid + plot.frame
            + series.indices.map { plot.draw(series[$0], colour: Plot.colour($0)) } + plot.legend
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(number(width))" height="\(number(height))" \
            viewBox="0 0 \(number(width)) \(number(height))" role="img" font-family="sans-serif" font-size="13">
            <title>\(escaped(title))</title>
            <clipPath id="plot"><rect x="\(number(plot.left))" y="\(number(plot.top))" \
            width="\(number(plot.width))" height="\(number(plot.height))"/></clipPath>
            \(parts.joined(separator: "\n"))
            </svg>

            """
    }
}

/// The area inside the axes, in pixels.
private struct Plot {
    /// Okabe and Ito's colours, which the colour-blind tell apart.
    private static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]

    static func colour(_ index: Int) -> String { colours[index % colours.count] }

    let chart: Chart
    let left = 80.0
    let top = 50.0
    let width: Double
    let height: Double

    init(_ chart: Chart) {
        self.chart = chart
        self.width = max(chart.width - left - 30, 1)
        self.height = max(chart.height - top - 60, 1)
    }

    private var right: Double { left + width }
    private var bottom: Double { top + height }

    private func x(_ value: Double) -> Double { left + width * chart.horizontal.share(of: value) }
    private func y(_ value: Double) -> Double { bottom - height * chart.vertical.share(of: value) }

    var background: String {
        "<rect width=\"\(number(chart.width))\" height=\"\(number(chart.height))\" fill=\"white\"/>"
    }

    func draw(_ band: Chart.Band) -> String {
        let (start, end) = (x(band.range.lowerBound), x(band.range.upperBound))
        // A band of one frame has to be seen too.
        let width = max(end - start, 1)
        return """
            <rect x="\(number(start))" y="\(number(top))" width="\(number(width))" height="\(number(height))" \
            fill="#e69f00" fill-opacity="0.25" clip-path="url(#plot)"/>
            \(text(band.label, start + width / 2, top + 15, anchor: "middle"))
            """
    }

    func draw(_ series: Chart.Series, colour: String) -> String {
        switch series.style {
        case .line:
            return series.points.split(separator: nil).map { points in
                let list = points.compactMap { $0 }.map { "\(number(x($0.x))),\(number(y($0.y)))" }
                return """
                    <polyline points="\(list.joined(separator: " "))" fill="none" stroke="\(colour)" \
                    stroke-width="2" stroke-linejoin="round" stroke-linecap="round" clip-path="url(#plot)"/>
                    """
            }.joined(separator: "\n")
        case .dots:
            return series.points.compactMap { $0 }.map { dot(x($0.x), y($0.y), colour) }.joined(separator: "\n")
        }
    }

    var grid: [String] {
        let style = "stroke=\"#ddd\""
        return chart.horizontal.ticks.map { line(x($0.value), top, x($0.value), bottom, style) }
            + chart.vertical.ticks.map { line(left, y($0.value), right, y($0.value), style) }
    }

    /// Axes with their ticks, labels and the title.
    var frame: [String] {
        let (middleX, middleY) = (left + width / 2, top + height / 2)
        let turned = "transform=\"rotate(-90 20 \(number(middleY)))\""
        return [
            """
            <rect x="\(number(left))" y="\(number(top))" width="\(number(width))" height="\(number(height))" \
            fill="none" stroke="black"/>
            """,
            text(chart.title, middleX, 30, anchor: "middle", "font-size=\"17\" font-weight=\"bold\""),
            text(chart.horizontal.label, middleX, chart.height - 15, anchor: "middle"),
            text(chart.vertical.label, 20, middleY, anchor: "middle", turned),
        ]
            + chart.horizontal.ticks.map { text($0.text, x($0.value), bottom + 18, anchor: "middle") }
            + chart.vertical.ticks.map { text($0.text, left - 8, y($0.value) + 4, anchor: "end") }
    }

    /// Names of the series, at the right above.
    var legend: [String] {
        chart.series.indices.map { index in
            let (place, colour) = (top + 30 + 20 * Double(index), Self.colour(index))
            let sample =
                switch chart.series[index].style {
                case .line:
                    line(right - 30, place - 4, right - 10, place - 4, "stroke=\"\(colour)\" stroke-width=\"2\"")
                case .dots: dot(right - 20, place - 4, colour)
                }
            return sample + text(chart.series[index].name, right - 38, place, anchor: "end")
        }
    }

    private func dot(_ x: Double, _ y: Double, _ colour: String) -> String {
        "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"5\" fill=\"\(colour)\"/>"
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
        "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" \(style)/>"
    }

    private func text(_ text: String, _ x: Double, _ y: Double, anchor: String = "start", _ style: String = "")
        -> String
    {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" \(style)>\(escaped(text))</text>"
    }
}

/// Hundredths of a pixel are fine enough.
private func number(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
}

private func escaped(_ text: String) -> String {
    text.map { character in
        switch character {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "\"": "&quot;"
        default: String(character)
        }
    }.joined()
}
