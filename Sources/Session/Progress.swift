package import Biometrics
package import Ports

/// Where a verification stands, for the caller to draw.
package struct Progress: Hashable, Sendable {
    package var prompt: Prompt
    /// The current step, counted from 1, of how many; `nil` outside the challenge.
    package var step: Int?
    package var steps: Int?
    /// Until the step's deadline, or the verification's.
    package var remaining: Duration
    package var advice: [Advice]
    package var outline: Outline?

    package init(
        prompt: Prompt, step: Int?, steps: Int?, remaining: Duration, advice: [Advice], outline: Outline?
    ) {
        self.prompt = prompt
        self.step = step
        self.steps = steps
        self.remaining = remaining
        self.advice = advice
        self.outline = outline
    }
}

/// The face as coarse numbers: enough to draw a guide, too little to know a person by.
package struct Outline: Hashable, Sendable {
    /// Shares of the frame, 0...1.
    package var box: Box
    /// Degrees in steps of 5.
    package var yaw: Int
    package var pitch: Int
    package var roll: Int
    package var eyesOpen: Bool?

    package init(of frame: FrameObservation, face: FaceObservation) {
        let (width, height) = (Double(frame.width), Double(frame.height))
        func share(_ value: Double) -> Double { (min(max(value, 0), 1) * 100).rounded() / 100 }
        self.box = Box(
            x: share(face.box.x / width), y: share(face.box.y / height),
            width: share(face.box.width / width), height: share(face.box.height / height))
        func coarse(_ degrees: Double) -> Int { Int((degrees / 5).rounded()) * 5 }
        self.yaw = coarse(face.pose.yaw)
        self.pitch = coarse(face.pose.pitch)
        self.roll = coarse(face.pose.roll)
        let openings = [face.eyeOpening.left, face.eyeOpening.right].compactMap(\.self)
        self.eyesOpen = openings.isEmpty ? nil : openings.reduce(0, +) / Double(openings.count) > 0.15
    }
}
