import Glibc
import Platform
import Testing

@Suite struct ProcessPrivacyTests {
    /// In a process of its own, which it changes for good.
    @Test func `no socket but AF_UNIX can be made`() async {
        await #expect(processExitsWith: .success) {
            func make(_ family: CInt, _ type: CInt) -> CInt {
                let socket = socket(family, type, 0)
                if socket >= 0 { close(socket) }
                return socket < 0 ? errno : 0
            }
            let stream = CInt(SOCK_STREAM.rawValue)
            let datagram = CInt(SOCK_DGRAM.rawValue)
            precondition(make(AF_INET, datagram) == 0, "a network socket can be made before")
            try forbidNetwork()
            for family in [AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_BLUETOOTH, AF_UNIX + 256] {
                for type in [stream, datagram, CInt(SOCK_RAW.rawValue)] {
                    precondition(make(family, type) == EAFNOSUPPORT, "family \(family)")
                }
            }
            precondition(make(AF_UNIX, stream) == 0)
            let thread = try WorkerThread(name: "other") { precondition(make(AF_INET, datagram) == EAFNOSUPPORT) }
            thread.join()
        }
    }
}
