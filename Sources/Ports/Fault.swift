/// An error a technician can act on: what is wrong, and what to do about it.
package protocol Fault: Error, Sendable, CustomStringConvertible {
    /// One sentence in the present tense, naming the thing and the value.
    var problem: String { get }
    /// One imperative sentence the reader can follow.
    var remedy: String { get }
}

extension Fault {
    package var description: String { "\(problem) \(remedy)" }
}
