/// What one sign of a presentation attack says (ISO/IEC 30107).
package enum Cue: String, Hashable, Sendable, CaseIterable {
    case bonaFide, attack, undetermined, notChecked
}
