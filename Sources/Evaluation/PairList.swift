/// Two pictures of which it is known whether they show the same person.
package struct PicturePair: Hashable, Sendable {
    /// File names as the list has them.
    package let first: String
    package let second: String
    package let isMated: Bool
    /// The part of the list that it belongs to when accuracy is measured, from 0.
    package let fold: Int

    package init(first: String, second: String, isMated: Bool, fold: Int) {
        self.first = first
        self.second = second
        self.isMated = isMated
        self.fold = fold
    }
}

/// How a list without folds of its own is cut into ten.
package enum FoldOrder: Sendable {
    /// Every tenth pair, so that each fold is like the whole.
    case interleaved
    /// Ten pieces one after the other, as a list that was made from LFW's has them.
    case consecutive
}

/// Why a list of pairs cannot be read.
package enum PairListFault: Error, Hashable, CustomStringConvertible {
    /// Lines count from 1.
    case badLine(Int, detail: String)
    case endsEarly(expectedPairs: Int, found: Int)
    case empty

    package var description: String {
        switch self {
        case .badLine(let line, let detail): "line \(line): \(detail)"
        case .endsEarly(let expected, let found): "it has \(found) pairs where its first line promises \(expected)"
        case .empty: "it has no pairs"
        }
    }
}

/// A list of labelled pairs of pictures.
package struct PairList: Sendable {
    package let pairs: [PicturePair]
    package let foldCount: Int

    /// Reads a table with a header: two columns of file names, then `same` or `Decision`; further columns are ignored.
    package init(csv text: String, folds order: FoldOrder = .interleaved) throws(PairListFault) {
        var rows: [(first: String, second: String, isMated: Bool)] = []
        var hasHeader = false
        for (number, line) in numberedLines(text) {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
            guard hasHeader else {
                guard fields.count >= 3, ["same", "decision"].contains(fields[2].lowercased()) else {
                    throw .badLine(number, detail: "the header must be two file columns, then same or Decision")
                }
                hasHeader = true
                continue
            }
            guard fields.count >= 3, !fields[0].isEmpty, !fields[1].isEmpty, !line.contains("\"") else {
                throw .badLine(number, detail: "two file names and a decision are needed, without quotes")
            }
            switch fields[2].lowercased() {
            case "1", "yes", "true": rows.append((fields[0], fields[1], true))
            case "0", "no", "false": rows.append((fields[0], fields[1], false))
            default: throw .badLine(number, detail: "\(fields[2]) is none of 1, 0, Yes, No, true, false")
            }
        }
        guard !rows.isEmpty else { throw .empty }
        let foldCount = 10
        self.foldCount = foldCount
        self.pairs = rows.indices.map { index in
            let fold =
                switch order {
                case .interleaved: index % foldCount
                case .consecutive: index * foldCount / rows.count
                }
            return PicturePair(
                first: rows[index].first, second: rows[index].second, isMated: rows[index].isMated, fold: fold)
        }
    }

    /// Reads `pairs.txt` of Labeled Faces in the Wild: folds of as many mated as non-mated pairs, in this order.
    ///
    /// A first line with one number only, as in LFW's development lists, means one fold.
    package init(lfw text: String) throws(PairListFault) {
        var lines = numberedLines(text)[...]
        guard let head = lines.popFirst() else { throw .empty }
        let numbers = words(head.line).map { Int($0) ?? 0 }
        guard (1...2).contains(numbers.count), let perBlock = numbers.last,
            numbers.allSatisfy({ (1...1_000_000).contains($0) })
        else { throw .badLine(head.number, detail: "the number of folds and of pairs in each are needed") }
        let foldCount = numbers.count == 2 ? numbers[0] : 1
        let expected = 2 * perBlock * foldCount
        var pairs: [PicturePair] = []
        for (number, line) in lines {
            guard pairs.count < expected else {
                throw .badLine(number, detail: "the first line promises \(expected) pairs, and here is one more")
            }
            let (block, fields) = (pairs.count / perBlock, words(line))
            let isMated = block % 2 == 0
            guard fields.count == (isMated ? 3 : 4) else {
                let form = isMated ? "a name and two numbers" : "two names, each with a number,"
                throw .badLine(number, detail: "\(form) must be here")
            }
            let first = try lfwFile(fields[0], fields[1], line: number)
            let second = try lfwFile(isMated ? fields[0] : fields[2], fields[isMated ? 2 : 3], line: number)
            pairs.append(PicturePair(first: first, second: second, isMated: isMated, fold: block / 2))
        }
        guard pairs.count == expected else { throw .endsEarly(expectedPairs: expected, found: pairs.count) }
        self.pairs = pairs
        self.foldCount = foldCount
    }

    /// Every picture once, in the order in which they appear.
    package var pictures: [String] {
        var seen: Set<String> = []
        return pairs.flatMap { [$0.first, $0.second] }.filter { seen.insert($0).inserted }
    }
}

/// The file of a person's picture: `NAME/NAME_0001.jpg`.
private func lfwFile(_ name: String, _ number: String, line: Int) throws(PairListFault) -> String {
    guard let index = Int(number), (1...9999).contains(index) else {
        throw .badLine(line, detail: "\(number) is no picture number from 1 to 9999")
    }
    let digits = String(index)
    return "\(name)/\(name)_\(String(repeating: "0", count: 4 - digits.count))\(digits).jpg"
}

/// The lines that are not blank, counted from 1.
private func numberedLines(_ text: String) -> [(number: Int, line: Substring)] {
    let body = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
    return body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        .map { (number: $0.offset + 1, line: $0.element) }
        .filter { !$0.line.allSatisfy(\.isWhitespace) }
}

private func words(_ line: Substring) -> [String] { line.split(whereSeparator: \.isWhitespace).map { String($0) } }

private func trimmed(_ field: Substring) -> String {
    var field = field.drop { $0.isWhitespace }
    while field.last?.isWhitespace ?? false { field.removeLast() }
    return String(field)
}
