/// The figures that the aims are set for.
struct AttackFigures {
    let attacks: [ArmSummary]
    let unlit: [ArmSummary]
    let honest: [ArmSummary]

    init(_ summaries: [ArmSummary]) {
        attacks = summaries.filter { $0.isAttack && !$0.isUnlit }
        unlit = summaries.filter { $0.isAttack && $0.isUnlit }
        honest = summaries.filter { !$0.isAttack && !$0.isUnlit }
    }

    var rows: [String] {
        let read = honest.reduce(0) { $0 + $1.litTrials }
        let willing = honest.filter { $0.name != "mask" }
        return [
            worst("worst APCER of a species, light on", attacks, \.classificationErrors, aim: "≤ 1 % of 400"),
            all("attacks taken for bona fide, all species, light on", attacks, \.classificationErrors, aim: ""),
            "| all species, light on: called an attack, undetermined, without a response, left to a clerk, verified | "
                + "\(attackCounts) of \(Share(attacks.map(\.verified)).total) | |",
            worst("worst share of responses not called an attack, light on", attacks, \.unrecognised, aim: ""),
            worst("worst IAPAR, light on", attacks, \.verified, aim: ""),
            worst("worst share left to a clerk, light on", attacks, \.referred, aim: ""),
            worst("worst APCER of a species, weak light, under `Light=tried`", unlit, \.errorsWhereTried, aim: ""),
            all("verified, weak light, policy of delivery", unlit, \.verified, aim: "0"),
            all("left to a clerk, weak light, policy of delivery", unlit, \.referred, aim: ""),
            all("BPCER, office light", honest.filter { $0.name == "office" }, \.classificationErrors, aim: "≤ 2 %"),
            all("BPCER, all conditions", honest, \.classificationErrors, aim: "≤ 5 %"),
            all("responses not taken for bona fide, all but the mask", willing, \.unrecognised, aim: ""),
            all("BPNRR, all conditions but the mask", willing, \.nonResponses, aim: "≤ 3 %"),
            all("verified, all conditions but the mask", willing, \.verified, aim: ""),
            "| honest persons whose light was read twice, of those whose was read | "
                + "\(Share(honest.reduce(0) { $0 + $1.twicePlayed }, of: read).text) of \(read) | |",
        ]
    }

    private var attackCounts: String {
        let shares: [(ArmSummary) -> Share] = [\.recognised, \.undetermined, \.nonResponses, \.referred, \.verified]
        return shares.map { share in String(Share(attacks.map(share)).count) }.joined(separator: ", ")
    }

    private func all(_ title: String, _ arms: [ArmSummary], _ share: (ArmSummary) -> Share, aim: String) -> String {
        let together = Share(arms.map(share))
        return "| \(title) | \(together.text) of \(together.total) | \(aim) |"
    }

    private func worst(_ title: String, _ arms: [ArmSummary], _ share: (ArmSummary) -> Share, aim: String) -> String {
        let worst = arms.max { (share($0).rate, share($0).high) < (share($1).rate, share($1).high) }
        guard let arm = worst else { return "| \(title) | – | \(aim) |" }
        return "| \(title) | \(share(arm).text) of \(share(arm).total), `\(arm.name)` | \(aim) |"
    }
}
