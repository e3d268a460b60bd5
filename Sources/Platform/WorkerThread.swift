import CLinux
import Glibc

/// A named thread for work that may not wait behind anything else.
///
/// Frame loops live here, never in a `Task`: the cooperative pool has one thread
/// per core and no priorities we control. Dropping the value joins the thread.
package struct WorkerThread: ~Copyable {
    private let handle: pthread_t

    /// Starts the thread.
    ///
    /// `name` has at most 15 bytes and shows up in `top -H` and the journal. A
    /// `fifoPriority` of 1...99 asks for `SCHED_FIFO`; `nil` keeps the default policy.
    package init(
        name: String, fifoPriority: CInt? = nil, _ body: sending @escaping () -> Void
    ) throws(Errno) {
        precondition(name.utf8.count <= 15, "thread name '\(name)' is longer than 15 bytes")
        let box = unsafe Unmanaged.passRetained(
            ThreadBody(name: name, fifoPriority: fifoPriority, run: body))
        var handle = pthread_t()
        let status = unsafe pthread_create(&handle, nil, runThreadBody, box.toOpaque())
        guard status == 0 else {
            unsafe box.release()
            throw Errno(status)
        }
        self.handle = handle
    }

    deinit { pthread_join(handle, nil) }

    /// Lets the body end by itself; nobody waits for it any more.
    package consuming func detach() {
        pthread_detach(handle)
        discard self
    }

    /// Waits for the body to return.
    package consuming func join() {}
}

/// Keeps the calling thread, and the threads and programs that it starts from now on, on one core.
package func keepThread(onCore core: Int) throws(Errno) {
    let status = clx_thread_set_core(CInt(clamping: core))
    guard status == 0 else { throw Errno(-status) }
}

private func runThreadBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context {
        unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().start()
    }
    return nil
}

private final class ThreadBody {
    private let name: String
    private let fifoPriority: CInt?
    private let run: () -> Void

    init(name: String, fifoPriority: CInt?, run: @escaping () -> Void) {
        self.name = name
        self.fifoPriority = fifoPriority
        self.run = run
    }

    func start() {
        _ = unsafe clx_thread_set_name(name)
        // Refused without CAP_SYS_NICE or LimitRTPRIO=; the loop still runs, only less punctually.
        if let fifoPriority { _ = clx_thread_set_fifo(fifoPriority) }
        run()
    }
}
