import Platform

/// Values in secure memory, made once and zero at first; an index beyond them traps.
///
/// Reading one element of a large `InlineArray` copies all of it to the stack, which is slow and stays there.
@safe struct SecureArray<Element: BitwiseCopyable>: ~Copyable {
    let count: Int
    private let start: UnsafeMutablePointer<Element>

    /// All bits of an `Element` may be 0.
    init(count: Int) {
        self.count = count
        unsafe self.start = SecureMemory.allocate(count * MemoryLayout<Element>.stride, holding: .frames)
            .bindMemory(to: Element.self, capacity: count)
    }

    deinit { unsafe SecureMemory.free(start) }

    subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "there are \(count) values")
            return unsafe start[index]
        }
        set {
            precondition(index >= 0 && index < count, "there are \(count) values")
            unsafe start[index] = newValue
        }
    }
}
