import CLinux

/// Keeps this process's memory to itself: no core dump, no debugger of another user.
package func forbidDumps() throws(Errno) {
    let status = clx_forbid_dumps()
    if status < 0 { throw Errno(-status) }
}
