import Glibc

/// A value behind a lock that other threads can wait on.
///
/// Built on pthreads rather than `Synchronization.Mutex` for three things the frame
/// path needs: a waiting consumer, priority inheritance, and locks ThreadSanitizer sees.
@safe package final class Monitor<Value: ~Copyable>: @unchecked Sendable {
    private var value: Value
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init(_ value: consuming sending Value) {
        self.value = value
        var mutexAttributes = pthread_mutexattr_t()
        unsafe pthread_mutexattr_init(&mutexAttributes)
        unsafe pthread_mutexattr_setprotocol(&mutexAttributes, CInt(PTHREAD_PRIO_INHERIT))
        unsafe pthread_mutex_init(mutex, &mutexAttributes)
        var conditionAttributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&conditionAttributes)
        unsafe pthread_condattr_setclock(&conditionAttributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(changed, &conditionAttributes)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    /// Changes the value alone, then wakes one waiter.
    package func update<Result: ~Copyable>(_ body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_signal(changed)
            unsafe pthread_mutex_unlock(mutex)
        }
        return body(&value)
    }

    /// Repeats `body` after every change until it returns something; `nil` after `timeout`.
    package func wait<Result: ~Copyable>(within timeout: Duration, _ body: (inout Value) -> Result?) -> Result? {
        let end = (Timestamp.now() + timeout).nanoseconds
        var deadline = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            if unsafe pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { return body(&value) }
        }
    }
}
