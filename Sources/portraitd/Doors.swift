import Glibc
import Platform
import Service
import Varlink

/// A served socket.
struct Door {
    let server: VarlinkServer
    /// The file to remove; `nil` when the service manager owns it.
    let path: String?

    func close() {
        server.close()
        if let path { _ = unsafe unlink(path) }
    }
}

/// Serves the sockets that the service manager passed under the names `counter` and `service`, else those that the
/// command line names.
func openDoors(_ arguments: Arguments, _ service: CounterService) throws -> [Door] {
    var passed = PassedSockets(
        process: getpid(), listenProcess: environment("LISTEN_PID"), count: environment("LISTEN_FDS"),
        names: environment("LISTEN_FDNAMES"))
    var doors: [Door] = []
    let wanted: [(name: String, path: String?)] = [("counter", arguments.counter), ("service", arguments.service)]
    for (name, path) in wanted {
        let server = try service.makeServer(forTechnicians: name == "service")
        do throws(Errno) {
            if let socket = try passed.take(name) {
                try server.serve(socket)
                doors.append(Door(server: server, path: nil))
            } else if let path {
                try server.serve(try UnixSocket.listen(at: path, mode: 0o660))
                doors.append(Door(server: server, path: path))
            }
        } catch {
            throw StartFault(
                problem: "\(path ?? name) cannot be served: \(error). \(remedy(for: error, option: "--\(name)"))",
                status: 69)
        }
    }
    return doors
}

private func remedy(for error: Errno, option: String) -> String {
    switch error.code {
    case EADDRINUSE: "Stop the other portraitd, or choose another socket with \(option)."
    // Of a socket that was passed.
    case EINVAL: "Have the service manager pass a listening stream socket of AF_UNIX."
    default: "Check that its folder is there and may be written to, or choose another socket with \(option)."
    }
}
