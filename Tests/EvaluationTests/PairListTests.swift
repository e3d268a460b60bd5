import Biometrics
import Evaluation
import Foundation
import Testing

@Suite struct PairListTests {
    @Test(arguments: ["file_a,file_b,same", "file_x , file_y, Decision", "\u{FEFF}a,b,SAME,id_a,id_b"])
    func `a table is read, whatever its columns are called`(header: String) throws {
        let list = try PairList(csv: header + "\r\nx/1.jpg, y/2.jpg ,Yes,p,q\r\n\r\nx/1.jpg,z 3.jpg,0\r\n")
        #expect(
            list.pairs == [
                PicturePair(first: "x/1.jpg", second: "y/2.jpg", isMated: true, fold: 0),
                PicturePair(first: "x/1.jpg", second: "z 3.jpg", isMated: false, fold: 1),
            ])
        #expect(list.pictures == ["x/1.jpg", "y/2.jpg", "z 3.jpg"])
    }

    @Test func `folds are interleaved, or consecutive on request`() throws {
        let text = "a,b,same\n" + String(repeating: "p,q,1\n", count: 20)
        #expect(try PairList(csv: text).pairs.map(\.fold) == Array(0..<10) + Array(0..<10))
        #expect(try PairList(csv: text, folds: .consecutive).pairs.map(\.fold) == (0..<20).map { $0 / 2 })
    }

    @Test(arguments: [
        ("a,b,label\n", "line 1: the header must be two file columns, then same or Decision"),
        ("a,b,same\n\np,q\n", "line 3: two file names and a decision are needed, without quotes"),
        ("a,b,same\n,q,1\n", "line 2: two file names and a decision are needed, without quotes"),
        ("a,b,same\n\"p\",q,1\n", "line 2: two file names and a decision are needed, without quotes"),
        ("a,b,same\np,q,maybe\n", "line 2: maybe is none of 1, 0, Yes, No, true, false"),
        ("a,b,same\n", "it has no pairs"), ("", "it has no pairs"),
    ]) func `a bad table is refused with its line`(text: String, problem: String) {
        let fault = #expect(throws: PairListFault.self) { try PairList(csv: text) }
        #expect(fault?.description == problem)
    }

    @Test func `the list of LFW is read with its own folds`() throws {
        let list = try PairList(lfw: "2\t1\nAnn_Lee\t1\t12\nAnn_Lee\t1\tBo\t3\nBo\t2\t3\nBo\t1\tCy\t1234\n")
        #expect(
            list.pairs == [
                PicturePair(
                    first: "Ann_Lee/Ann_Lee_0001.jpg", second: "Ann_Lee/Ann_Lee_0012.jpg", isMated: true, fold: 0),
                PicturePair(first: "Ann_Lee/Ann_Lee_0001.jpg", second: "Bo/Bo_0003.jpg", isMated: false, fold: 0),
                PicturePair(first: "Bo/Bo_0002.jpg", second: "Bo/Bo_0003.jpg", isMated: true, fold: 1),
                PicturePair(first: "Bo/Bo_0001.jpg", second: "Cy/Cy_1234.jpg", isMated: false, fold: 1),
            ])
        #expect(list.foldCount == 2)
        #expect(try PairList(lfw: "1\nBo 2 3\nBo 1 Cy 1\n").foldCount == 1)
    }

    @Test(arguments: [
        ("", "it has no pairs"), ("0 300\n", "line 1: the number of folds and of pairs in each are needed"),
        ("9223372036854775807 2\n", "line 1: the number of folds and of pairs in each are needed"),
        ("1 1\nBo 1 Cy 1\n", "line 2: a name and two numbers must be here"),
        ("1 1\nBo 1 2\nBo 1 2\n", "line 3: two names, each with a number, must be here"),
        ("1 1\nBo 1 x\n", "line 2: x is no picture number from 1 to 9999"),
        ("1 1\nBo 1 2\n", "it has 1 pairs where its first line promises 2"),
        ("1 1\nBo 1 2\nBo 1 Cy 1\nBo 1 2\n", "line 4: the first line promises 2 pairs, and here is one more"),
    ]) func `a bad list of LFW is refused with its line`(text: String, problem: String) {
        let fault = #expect(throws: PairListFault.self) { try PairList(lfw: text) }
        #expect(fault?.description == problem)
    }
}

@Suite struct PairSummaryTests {
    private let thresholds = ComparisonThresholds(name: "test", match: 0.4, nonMatch: 0.6)

    /// Mated pairs at 0.2, non-mated ones at 0.9, and one of each on the wrong side.
    private func summary(mated: Int, nonMated: Int, lost: Int = 0) throws -> PairSummary {
        let rows = Array(repeating: "p,q,1", count: mated) + Array(repeating: "p,r,0", count: nonMated + lost)
        var distances: [Double?] = Array(repeating: 0.2, count: mated) + Array(repeating: 0.9, count: nonMated)
        distances[0] = 0.95
        distances[mated] = 0.1
        distances += Array(repeating: nil, count: lost)
        let list = try PairList(csv: "a,b,same\n" + rows.joined(separator: "\n"))
        return PairSummary(distances, of: list, failureToAcquire: lost > 0 ? 1 : 0, thresholds: thresholds)
    }

    @Test func `rates, folds and thresholds are those of the compared pairs`() throws {
        let summary = try summary(mated: 100, nonMated: 400, lost: 7)
        #expect((summary.pairs, summary.compared, summary.pictures, summary.failureToAcquire) == (507, 500, 3, 1))
        #expect(abs(try #require(summary.accuracy) - 0.996) < 1e-9)
        #expect(summary.points[0].threshold == 0.9)
        #expect(abs(try #require(summary.points[0].fnmr) - 0.01) < 1e-9)
        #expect(summary.points[0].interval == ExactInterval(events: 1, trials: 100))
        #expect(summary.decisions.falseMatch.value == 0.0025)
        #expect(summary.decisions.falseNonMatch.value == 0.01)
        #expect(summary.decisions.refer.value == 0)
    }

    @Test func `what lies between the thresholds is left to a human`() throws {
        let list = try PairList(csv: "a,b,same\np,q,1\np,q,1\np,r,0\np,r,0\n")
        let summary = PairSummary([0.5, 0.3, 0.5, 0.7], of: list, failureToAcquire: 0, thresholds: thresholds)
        #expect(summary.decisions.refer.value == 0.5)
        #expect(summary.decisions.falseMatch.value == 0)
        #expect(summary.decisions.falseNonMatch.value == 0)
    }

    @Test func `a set that is too small says how many pairs are needed`() throws {
        let summary = try summary(mated: 10, nonMated: 298)
        #expect(
            summary.points.map(\.note) == [299, 2995, 29956].map { "needs at least \($0) pairs of different persons" })
        #expect(summary.points.allSatisfy { $0.threshold == nil && $0.fnmr == nil && $0.interval == nil })
        #expect(try self.summary(mated: 10, nonMated: 299).points[0].note == nil)
    }

    @Test func `without any comparison every rate is null`() throws {
        let list = try PairList(csv: "a,b,same\np,q,1\n")
        let summary = PairSummary([nil], of: list, failureToAcquire: 2, thresholds: thresholds)
        let json = String(decoding: try JSONEncoder().encode(summary), as: UTF8.self)
        for member in ["accuracy", "standardError", "eer", "fnmr", "low", "falseMatchRate", "referRate"] {
            #expect(json.contains("\"\(member)\":null"), "\(member) in \(json)")
        }
    }

    @Test func `the curve has every threshold at which a rate changes`() {
        let curve = ErrorTradeoff(mated: [0.1, 0.3], nonMated: [0.3, 0.5]).curve
        #expect(curve.map(\.falseMatchRate) == [0, 0, 0.5, 1])
        #expect(curve.map(\.falseNonMatchRate) == [1, 0.5, 0, 0])
    }
}
