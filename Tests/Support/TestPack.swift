import Glibc
import Platform
package import Testing

/// The model pack that `device/models/fetch` makes; tests that need it are skipped, visibly, without it.
package enum TestPack {
    package static let folder: String = {
        if let folder = environment("PORTRAITD_PACK") { return folder }
        return (environment("XDG_CACHE_HOME") ?? (environment("HOME") ?? "") + "/.cache") + "/portraitd/pack"
    }()

    package static var isPresent: Bool { unsafe access(folder + "/pack.json", R_OK) == 0 }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test where there is no model pack.
    package static var needsPack: Self {
        .enabled(if: TestPack.isPresent, "no model pack at \(TestPack.folder); make it with device/models/fetch")
    }
}
