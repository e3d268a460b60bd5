import Biometrics
import Testing

@Suite struct ComparisonTests {
    @Test(
        arguments: [
            (0, .match), ((0.42).nextDown, .match), (0.42, .undetermined), (0.5, .undetermined), (0.6, .undetermined),
            ((0.6).nextUp, .nonMatch), (.infinity, .nonMatch), (.nan, .undetermined),
        ] as [(Double, ComparisonDecision)])
    func `what lies on a threshold is left to a human, and what is no number decides nothing`(
        distance: Double, decision: ComparisonDecision
    ) {
        #expect(ComparisonThresholds(name: "a", match: 0.42, nonMatch: 0.6).decide(distance: distance) == decision)
    }

    @Test(
        arguments: [
            ([0.1], .match), ([0.5, 0.1], .undetermined), ([0.1, 0.5], .undetermined), ([0.1, 0.7, 0.5], .nonMatch),
            ([0.1, .nan], .undetermined), ([.nan, 0.1], .undetermined), ([0.1, .infinity], .nonMatch),
            ([0.7, .nan], .nonMatch), ([.nan, 0.7], .nonMatch), ([], .undetermined),
        ] as [([Double], ComparisonDecision)])
    func `the least alike of several decide, and what is no number is never passed over`(
        distances: [Double], decision: ComparisonDecision
    ) {
        #expect(ComparisonThresholds(name: "a", match: 0.42, nonMatch: 0.6).decide(distances: distances) == decision)
    }

    @Test func `the distance is Euclid's, whichever comes first`() {
        var a = Template(dimensions: 3)
        (a[0], a[1]) = (3, 1)
        var b = Template(dimensions: 3)
        (b[1], b[2]) = (1, -4)
        let (there, back) = (a.distance(to: b), b.distance(to: a))
        #expect(there == 5 && back == 5)
    }
}
