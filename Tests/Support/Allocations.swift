import CAllocationCounter

/// Counts the heap allocations that `body` makes on this thread; always 0 under a sanitizer.
package func allocations(during body: () -> Void) -> Int {
    let before = alc_thread_count()
    body()
    return Int(alc_thread_count() - before)
}
