import CLinux

/// Gives free heap memory back to the kernel, as after loading networks, whose conversion takes more than they keep.
package func returnFreeMemory() { clx_trim_heaps() }
