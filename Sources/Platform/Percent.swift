extension Double {
    /// A share as people read it.
    package var asPercent: String { Int(exactly: (self * 100).rounded()).map { "\($0) %" } ?? "\(self)" }
}
