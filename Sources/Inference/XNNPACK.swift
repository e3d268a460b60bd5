import CXNNPACK
import Glibc
import Platform

/// Debian's XNNPACK, started once per process with our allocator.
enum XNNPACK {
    /// Starts the library at the first use.
    ///
    /// What XNNPACK allocates aligned (packed weights, and the workspace through which everything derived from
    /// pixels goes) lives in secure memory and is zeroed when freed. Its plain allocations describe graphs and
    /// hold tables of pointers; they are made before the first run and do not change with the input.
    static func start() throws(ModelFault) {
        guard status == xnn_status_success else {
            throw ModelFault(.refused, "XNNPACK does not start on this processor (status \(status.rawValue))")
        }
    }

    private static let status: xnn_status = {
        // XNNPACK may keep the pointer, so that it lives as long as the process.
        let allocator = UnsafeMutablePointer<xnn_allocator>.allocate(capacity: 1)
        unsafe allocator.initialize(to: makeAllocator())
        return unsafe xnn_initialize(allocator)
    }()

    private static func makeAllocator() -> xnn_allocator {
        unsafe xnn_allocator(
            context: nil,
            allocate: { _, size in unsafe malloc(size) },
            reallocate: { _, block, size in unsafe realloc(block, size) },
            deallocate: { _, block in unsafe free(block) },
            aligned_allocate: { _, alignment, size in
                alignment <= 64 ? unsafe SecureMemory.allocate(size, holding: .networks) : nil
            },
            aligned_deallocate: { _, block in
                if let block = unsafe block { unsafe SecureMemory.free(block) }
            })
    }
}
