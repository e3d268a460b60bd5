import Biometrics
import Liveness
import Platform
import Ports

/// What a watch tells of itself.
extension Watch {
    func prompt(hasFace: Bool) -> Prompt {
        switch stage {
        case .framing: Prompt(stage: hasFace ? .framing : .seeking, advice: advice.first)
        case .challenging(_, let index, _):
            Prompt(stage: .challenging, instruction: steps[index], advice: stepAdvice)
        case .lighting: Prompt(stage: .challenging, instruction: .lookStraight)
        case .nearing:
            Prompt(
                stage: .challenging, instruction: .lookStraight,
                advice: advice.contains(.moveCloser) ? .moveCloser : nil)
        case .closing: Prompt(stage: .comparing, instruction: .lookStraight, advice: advice.first)
        }
    }

    func progress(_ prompt: Prompt, _ frame: FrameObservation) -> Progress {
        var (step, end): (Int?, Timestamp) = (nil, deadline)
        if case .challenging(_, let index, let stepDeadline) = stage { (step, end) = (index + 1, stepDeadline) }
        return Progress(
            prompt: prompt, step: step, steps: step == nil ? nil : steps.count,
            remaining: max(end - frame.timestamp, .zero),
            advice: step == nil ? advice : stepAdvice.map { [$0] } ?? [],
            outline: frame.face.map { Outline(of: frame, face: $0) })
    }

    /// What became of the steps that were asked, of which the last may still be open.
    var asked: [StepRecord] {
        guard case .challenging(_, let index, _) = stage else { return records }
        return records + [StepRecord(instruction: steps[index], responded: false)]
    }

    func reasonsForTimeout() -> [Reason] {
        switch stage {
        case .challenging: [.timeLimit, .noResponse]
        case .framing, .lighting, .nearing, .closing:
            // Who went away from a challenge did not merely fail to come.
            (attempt > 0 ? [.timeLimit, .trackBroken] : [.timeLimit]) + (advice.first.map { [$0.reason] } ?? [])
        }
    }
}
