import Foundation

/// The measurement as a document for an evaluator.
struct AttackReport {
    let summaries: [ArmSummary]
    let seeds: ClosedRange<UInt64>
    let revision: String?

    var text: String {
        let date = Date().formatted(.iso8601.year().month().day())
        return """
            # Presentation attack detection, measured by simulation

            \(date), commit \(revision ?? "unknown"), seeds \(seeds.lowerBound)–\(seeds.upperBound), of which each
            arm was given as many as its n says. Made by `portraitlab attacks --report`; equal seeds of an equal build
            give equal numbers.

            ## Method

            Each presentation is a whole verification: the daemon's own decoder, networks, session and liveness run on
            1280×720 Motion JPEG frames of a simulated counter, on a clock that moves only with the frames. A person is
            a textured head mesh of one public-domain portrait before a separate backdrop; a print or a display is a
            sheet that shows such a renderer's picture. Sizes, bends, distances, speeds, light, noise and habits are
            drawn from the seed within the ranges in `Sources/Presentations/Species.swift` and
            `Sources/Simulator/Condition.swift`. One illuminator gives 15 % of the room's light on the face, by
            Lambert's and the distance law; a display scatters 1 to 2 % of it. The victim is the person of the portrait,
            so that the comparison refuses no attack by itself. How late the camera is, is found as without a
            calibration of the light; what a head must brighten by is known as after one, where the illuminators are
            bright enough for it.

            Rates are of all presentations, with exact 95 % intervals (Clopper and Pearson). *APCER* counts attacks
            that were taken for bona fide, *BPCER* honest persons called an attack, *undecided* what got neither
            decision, and how many of these are `refer`, *IAPAR* attacks that the whole system verified. One mixed
            figure would hide the species. Persons who take each other's place use no instrument, but are counted here.

            ## Attacks

            | Species | n | APCER | Undecided, `refer` | IAPAR | Time to verdict, s: median, longest |
            |---|---|---|---|---|---|
            \(attacks.map(row).joined(separator: "\n"))

            ## Pictures in the camera's place

            Such injections are no presentation attacks in the sense of ISO/IEC 30107; they are counted likewise.

            | Species | n | Taken for bona fide | Undecided, `refer` | Verified | Time to verdict, s: median, longest |
            |---|---|---|---|---|---|
            \(injections.map(row).joined(separator: "\n"))

            ## Both where the light cannot be read

            One illuminator gives 3 % of the room's light, which leaves the light challenge little to see. The default
            policy verifies nobody whose light was not read. The last column counts what `Light=tried`, which may, would
            take for bona fide: there only the other layers stand between an attack and the comparison.

            | Species | n | APCER | Undecided, `refer` | IAPAR | Light | Under `Light=tried` |
            |---|---|---|---|---|---|---|
            \(unlit.map(unlitRow).joined(separator: "\n"))

            ## Honest persons

            | Condition | n | BPCER | Undecided, `refer` | Verified | Time to verdict, s: median, longest |
            |---|---|---|---|---|---|
            \(honest.map(row).joined(separator: "\n"))

            A person in a mask cannot be compared and is to be advised, not accused: only BPCER matters there.

            ## What decided

            | Arm | Verdicts | Reasons | Called an attack by | Errors if one layer were missing |
            |---|---|---|---|---|
            \(summaries.map(decisions).joined(separator: "\n"))

            ## Not measured

            No real person, print, phone, tablet, monitor, mask or illuminator was before a camera. The simulated head
            has one shape and one photograph's skin, Lambert's shading and no gloss; hands, a holder's body, three-
            dimensional masks, make-up, relit or generated video, and people who mean to be mistaken are missing. The
            rates therefore say how the logic behaves where physics is as simple as this, and bound nothing in a shop.

            An accredited laboratory would continue with the device itself: at least ten instruments of each species
            made from consenting subjects, ten presentations each by a practised attacker, bona fide presentations by
            some hundred people over the ages and skin tones of the customers, in the light of real shops, the light
            layer's thresholds commissioned on that board, and the species above as the first test plan.

            """
    }

    private var attacks: [ArmSummary] { summaries.filter { $0.isAttack && !$0.isInjection && !$0.isUnlit } }
    private var injections: [ArmSummary] { summaries.filter { $0.isInjection && !$0.isUnlit } }
    private var unlit: [ArmSummary] { summaries.filter { $0.isAttack && $0.isUnlit } }
    private var honest: [ArmSummary] { summaries.filter { !$0.isAttack && !$0.isUnlit } }

    private func row(_ arm: ArmSummary) -> String {
        "\(rates(arm)) | \(arm.seconds(arm.medianMilliseconds)), \(arm.seconds(arm.slowestMilliseconds)) |"
    }

    private func unlitRow(_ arm: ArmSummary) -> String {
        "\(rates(arm)) | \(arm.listed(arm.lightWords)) | \(arm.errorsWhereTried.text) |"
    }

    private func rates(_ arm: ArmSummary) -> String {
        "| `\(arm.name)` | \(arm.trials) | \(arm.classificationErrors.text) | \(arm.undecided.text), \(arm.referred) | "
            + arm.verified.text
    }

    private func decisions(_ arm: ArmSummary) -> String {
        "| `\(arm.name)` | \(arm.listed(arm.verdicts)) | \(arm.listed(arm.reasons)) | \(arm.listed(arm.caughtBy)) | "
            + "\(arm.listed(arm.errorsWithout.filter { $0.value > 0 })) |"
    }
}
