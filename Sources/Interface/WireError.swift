import Platform
package import Ports

/// An error of an interface: its full name and parameters.
package struct WireError: Error, Hashable, Sendable {
    package let name: String
    package let parameters: Parameters

    package struct Parameters: Codable, Hashable, Sendable {
        package var parameter: String?
        package var reason: String?
        package var problem: String
        package var remedy: String
        package var retryAfterMilliseconds: Int?
    }

    private init(_ name: String, _ parameters: Parameters, of interface: String = InterfaceTexts.counter) {
        self.name = "\(interface).\(name)"
        self.parameters = parameters
    }

    private init(_ name: String, _ fault: some Fault) {
        self.init(name, Parameters(problem: fault.problem, remedy: fault.remedy))
    }

    package static let busy = WireError(
        "Busy",
        Parameters(
            problem: "Another verification is running.",
            remedy: "Wait until it has ended, or cancel it by closing its connection."))

    package static let deviceStops = WireError.notReady(
        problem: "The device stops.", remedy: "Try again when it has started.")

    /// A parameter whose value cannot serve.
    package static func invalidParameter(_ name: String, problem: String, remedy: String) -> WireError {
        WireError(
            "InvalidParameter", Parameters(parameter: name, problem: problem, remedy: remedy),
            of: "org.varlink.service")
    }

    package static let consentMissing = WireError(
        "ConsentMissing",
        Parameters(
            problem: "The request holds no consent.",
            remedy: "Ask the customer, then send when, how and to which notice the customer agreed."))

    package static let nonceUsed = WireError(
        "NonceUsed",
        Parameters(
            problem: "The nonce was used before.",
            remedy: "Let the backend make a new nonce for each call and send it again."))

    package static let transactionVerified = WireError(
        "TransactionVerified",
        Parameters(
            problem: "The transaction is verified already.",
            remedy: "Use the receipt that was given, or begin a new transaction."))

    package static func rateLimited(retryAfter pause: Duration) -> WireError {
        let milliseconds = Int((pause.nanoseconds + 999_999) / 1_000_000)
        return WireError(
            "RateLimited",
            Parameters(
                problem: "Too many tries failed.",
                remedy: "Wait \((milliseconds + 999) / 1000) s, or verify the customer in the alternative way.",
                retryAfterMilliseconds: milliseconds))
    }

    package static func referenceUnusable(_ reason: Counter.ReferenceProblem, _ fault: some Fault) -> WireError {
        WireError(
            "ReferenceUnusable",
            Parameters(reason: reason.rawValue, problem: fault.problem, remedy: fault.remedy))
    }

    package static func cameraUnavailable(_ fault: CameraFault) -> WireError { WireError("CameraUnavailable", fault) }

    package static func lightsUnavailable(_ fault: LightsFault) -> WireError { WireError("LightsUnavailable", fault) }

    package static func logUnreadable(_ fault: some Fault) -> WireError {
        WireError(
            "LogUnreadable", Parameters(problem: fault.problem, remedy: fault.remedy), of: InterfaceTexts.service)
    }

    package static func notPossible(_ fault: some Fault) -> WireError {
        notPossible(problem: fault.problem, remedy: fault.remedy)
    }

    package static func notPossible(problem: String, remedy: String) -> WireError {
        WireError("NotPossible", Parameters(problem: problem, remedy: remedy), of: InterfaceTexts.service)
    }

    package static func maintenance(_ remaining: Duration) -> WireError {
        .notReady(
            problem: "A technician works on the device.",
            remedy: "Wait at most \(max(remaining.milliseconds, 0) / 60_000 + 1) min, or verify the customer in the "
                + "alternative way.")
    }

    package static func notReady(_ fault: some Fault) -> WireError { WireError("NotReady", fault) }

    package static func notReady(problem: String, remedy: String) -> WireError {
        WireError("NotReady", Parameters(problem: problem, remedy: remedy))
    }
}
