package import Liveness
package import Platform
import Ports
package import Session
import Settings

/// How persons are verified; a caller names the policy that it wants.
package struct Policy: Hashable, Sendable {
    package static let defaultName = "default"

    package var name = Policy.defaultName
    package var verification = VerificationPolicy()
    package var challenge = ChallengeSet.standard
    /// Names the thresholds of the comparison; `default` is the model pack's first set.
    package var thresholds = "default"
    /// How often one transaction may be tried until it is verified.
    package var tries = 5
    /// The file with the operator's X25519 public key that the template is sealed to; `nil` when none is handed out.
    package var templateKey: String?

    package init() {}

    /// The policy as a section that sets every key; equal policies have equal texts.
    package var canonicalText: String {
        let steps = challenge.instructions.map(\.rawValue).joined(separator: " ")
        let lines = [
            "[Policy \(name)]", "Steps=\(steps)",
            "StepCount=\(challenge.stepCount.lowerBound)-\(challenge.stepCount.upperBound)",
            "Thresholds=\(thresholds)", "Tries=\(tries)",
            "TimeLimit=\(durationText(verification.timeLimit))", "StepLimit=\(durationText(verification.stepLimit))",
            "Restarts=\(verification.restarts)", "Light=\(verification.light.rawValue)",
            "Template=\(templateKey == nil ? "no" : "yes")",
        ]
        return (lines + (templateKey.map { ["TemplateKey=\($0)"] } ?? [])).map { $0 + "\n" }.joined()
    }

    /// The hash of the canonical text, by which a receipt names the policy beside its name.
    package var digest: Digest { Digest(of: Array(canonicalText.utf8)) }
}

/// A policy while it is read: what it will fit together from.
struct PolicyDraft {
    private var policy = Policy()
    private var steps = ChallengeSet.standard.instructions
    private var stepCount = ChallengeSet.standard.stepCount
    private var releasesTemplate = false
    private var templateKey = ""

    /// `thresholdSets` are the model pack's; `nil` where the pack is not known.
    mutating func read(_ section: inout SettingsSection, thresholdSets: [String]?) {
        section.read("Steps", .words(ChallengeSet.choices, atLeast: ChallengeSet.stepCounts.lowerBound), into: &steps)
        section.read("StepCount", .range(within: ChallengeSet.stepCounts), into: &stepCount)
        section.read(
            "Thresholds", thresholdSets.map { .word(among: ["default"] + $0) } ?? .name, into: &policy.thresholds)
        section.read("Tries", .integer(in: 1...100), into: &policy.tries)
        section.read("TimeLimit", .duration(in: .seconds(5) ... .seconds(120)), into: &policy.verification.timeLimit)
        section.read("StepLimit", .duration(in: .seconds(2) ... .seconds(30)), into: &policy.verification.stepLimit)
        section.read("Restarts", .integer(in: 0...5), into: &policy.verification.restarts)
        section.read("Light", .word, into: &policy.verification.light)
        section.read("Template", .boolean, into: &releasesTemplate)
        section.read("TemplateKey", .absolutePath, into: &templateKey)
        fit(&section)
    }

    private mutating func fit(_ section: inout SettingsSection) {
        if let set = ChallengeSet(steps, stepCount: stepCount) {
            policy.challenge = set
        } else {
            section.report(
                ["Steps", "StepCount"],
                problem:
                    "StepCount in \(section) goes up to \(stepCount.upperBound), but there are \(steps.count) Steps.",
                remedy: "Add steps, or set StepCount=\(steps.count).")
        }
        section.check("StepLimit", policy.verification.stepLimit, isAtMost: "TimeLimit", policy.verification.timeLimit)
        if releasesTemplate, templateKey.isEmpty {
            section.report(
                ["Template"], problem: "Template=yes in \(section) has no key to seal the template to.",
                remedy: "Set TemplateKey= to the file with the operator's public key, or Template=no.")
        }
        policy.templateKey = releasesTemplate ? templateKey : nil
    }

    func policy(named name: String) -> Policy {
        var policy = policy
        policy.name = name
        return policy
    }
}
