/// The name that was most likely meant by `word`; `nil` when none is near.
///
/// Near are at most two slips, and fewer than half of the name; capitals do not count.
func nearestName(to word: String, among names: [String]) -> String? {
    names
        .map { (name: $0, slips: slipCount(from: word, to: $0)) }
        .filter { $0.slips <= min(2, $0.name.utf8.count / 2) }
        .min { $0.slips < $1.slips }?.name
}

/// Letters to insert, drop, replace or swap with their neighbour (Damerau 1964, each letter touched once), to 3.
private func slipCount(from word: String, to name: String) -> Int {
    let (a, b) = (Array(word.lowercased().utf8), Array(name.lowercased().utf8))
    guard abs(a.count - b.count) <= 2 else { return 3 }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, beforeLast[j - 1] + 1) }
            row.append(least)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
