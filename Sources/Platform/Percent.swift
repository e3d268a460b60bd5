extension Double {
    /// A share as people read it; not a number is shown as it is.
    package var asPercent: String { isFinite ? "\(Int((self * 100).rounded())) %" : "\(self)" }
}
