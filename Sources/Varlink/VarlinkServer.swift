package import Platform

/// Serves Varlink interfaces to the clients of any number of listening sockets.
///
/// Thread-bound to its loop. Answers `org.varlink.service` itself. Everything is bounded: see `Limits`. Clients are
/// patient handlers of the loop, so that they wait for each other and nothing else for them.
package final class VarlinkServer {
    package struct Limits: Hashable, Sendable {
        /// Bytes of one message: a portrait of 1 MiB in base64, and some.
        package var messageSize = 1_600_000
        /// Bytes of one message beside the secret.
        package var textSize = 64 << 10
        /// Messages above 8 KiB that may be on their way at once; others wait.
        package var largeMessages = 2
        /// How long a large message may take when another waits for its room.
        package var roomTime = Duration.seconds(2)
        /// Bytes of replies that a slow reader may leave behind before it is dropped.
        package var outputSize = 256 << 10
        /// Clients at once; one more takes the place of another, or is accepted and closed.
        package var connections = 16
        /// How long a client is sure of its place, if that is its process's only one.
        package var placeTime = Duration.seconds(2)
        /// How long a message may take to arrive, once it has room, and its answers to be taken.
        package var messageTime = Duration.seconds(10)

        package init() {}
    }

    package struct Identity: Hashable, Sendable {
        package let vendor: String
        package let product: String
        package let version: String
        package let url: String

        package init(vendor: String, product: String, version: String, url: String) {
            self.vendor = vendor
            self.product = product
            self.version = version
            self.url = url
        }
    }

    private static let acceptedAtOnce = 8

    let loop: EventLoop
    let limits: Limits
    let secretPath: MessageScanner.SecretPath?
    private let identity: Identity
    private let interfaces: [InterfaceDescription]
    private let handler: (Call) -> Void
    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: Connection] = [:]
    /// Who receives a large message, and since when; the first the longest.
    private var roomHolders: [(connection: Connection, buffer: ReceiveBuffer, since: Timestamp)] = []
    private var freeRooms: [ReceiveBuffer] = []
    private var roomSeekers: [Connection] = []
    private var roomTimer: EventLoop.Timer?

    /// `handler` gets every call of a method that one of `interfaces` has, and must end each.
    package init(
        loop: EventLoop, identity: Identity, interfaces: [InterfaceDescription], secretPath: [String]? = nil,
        limits: Limits = Limits(), handler: @escaping (Call) -> Void
    ) {
        self.loop = loop
        self.identity = identity
        self.interfaces = interfaces
        self.secretPath = secretPath
        self.limits = limits
        self.handler = handler
    }

    /// Serves the clients of a listening socket that does not block.
    package func serve(_ socket: consuming OwnedDescriptor) throws(Errno) {
        let listener = Listener(socket: socket)
        try watch(listener)
        listeners.append(listener)
    }

    /// Drops every client and stops listening.
    package func close() {
        for listener in listeners { if let watch = listener.watch { loop.unwatch(watch) } }
        listeners = []
        for connection in connections.values { connection.close() }
    }

    // MARK: Clients

    private func watch(_ listener: Listener) throws(Errno) {
        listener.watch = try loop.watch(listener.socket, for: .readable, as: .patient) {
            [unowned self, unowned listener] _ in accept(from: listener)
        }
    }

    /// Takes a few of those who wait, so that nobody waits long behind a storm.
    private func accept(from listener: Listener) {
        do throws(Errno) {
            for _ in 0..<Self.acceptedAtOnce {
                guard let socket = try UnixSocket.accept(from: listener.socket) else { return }
                guard makePlace() else { continue }
                let connection = try Connection(server: self, socket: socket)
                connections[ObjectIdentifier(connection)] = connection
            }
        } catch {
            Log.write(.warning, "event: accept-failed, error: \(error)")
            pause(listener)
        }
    }

    /// Waits before accepting again, since a lack of descriptors does not go away by asking.
    private func pause(_ listener: Listener) {
        if let watch = listener.watch { loop.unwatch(watch) }
        listener.watch = nil
        loop.schedule(at: loop.now() + .milliseconds(200)) { [weak self, weak listener] in
            guard let self, let listener else { return }
            // What is lacking may be lacking still.
            do throws(Errno) { try watch(listener) } catch { pause(listener) }
        }
    }

    /// Whether there is a place for one more client, if need be that of another.
    ///
    /// The process with the most places gives one up, of these the one that was idle longest. A client in a call keeps
    /// its place, and for `placeTime` so does one whose process has no other.
    private func makePlace() -> Bool {
        if connections.count < limits.connections { return true }
        var places: [Int32: Int] = [:]
        for connection in connections.values { places[connection.process, default: 0] += 1 }
        let now = loop.now()
        let victim = connections.values.filter { connection in
            let isSpare = places[connection.process] ?? 0 > 1 || now - connection.acceptedAt >= limits.placeTime
            return isSpare && !connection.isInCall
        }.min { one, other in
            let (ones, others) = (places[one.process] ?? 0, places[other.process] ?? 0)
            return ones == others ? one.idleSince < other.idleSince : ones > others
        }
        victim?.close()
        return victim != nil
    }

    func forget(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        roomSeekers.removeAll { $0 === connection }
        giveRoomBack(of: connection)
    }

    // MARK: Room for large messages

    /// Gives the connection room for a large message as soon as there is some.
    func seekRoom(for connection: Connection) {
        roomSeekers.append(connection)
        giveRooms()
        watchRoom()
    }

    func giveRoomBack(of connection: Connection) {
        guard let index = roomHolders.firstIndex(where: { $0.connection === connection }) else { return }
        freeRooms.append(roomHolders.remove(at: index).buffer)
        giveRooms()
    }

    private func giveRooms() {
        while roomHolders.count < limits.largeMessages, !roomSeekers.isEmpty {
            // One byte more than the limit tells a message that exceeds it.
            let buffer = freeRooms.popLast() ?? ReceiveBuffer(capacity: limits.messageSize + 1)
            // Nobody keeps others out with many connections.
            let index = roomSeekers.firstIndex { seeker in
                !roomHolders.contains { $0.connection.process == seeker.process }
            }
            let connection = roomSeekers.remove(at: index ?? 0)
            roomHolders.append((connection, buffer, loop.now()))
            connection.takeRoom(buffer)
        }
    }

    /// Drops the slowest large message when its time is over and another one waits.
    private func watchRoom() {
        guard roomTimer == nil, !roomSeekers.isEmpty, let slowest = roomHolders.first else { return }
        roomTimer = loop.schedule(at: slowest.since + limits.roomTime) { [weak self] in
            self?.loop.postpone { [weak self] in self?.dropLateHolder() }
        }
    }

    private func dropLateHolder() {
        roomTimer = nil
        if let late = lateHolder {
            late.catchUp()
            if lateHolder === late { late.close() }
        }
        watchRoom()
    }

    private var lateHolder: Connection? {
        guard !roomSeekers.isEmpty, let slowest = roomHolders.first else { return nil }
        return loop.now() - slowest.since >= limits.roomTime ? slowest.connection : nil
    }

    // MARK: Calls

    func dispatch(_ call: Call) {
        guard let dot = call.method.lastIndex(of: ".") else {
            return call.fail(standard: "InterfaceNotFound", "interface", call.method)
        }
        let interface = String(call.method[..<dot])
        let method = String(call.method[call.method.index(after: dot)...])
        if interface == "org.varlink.service" { return describe(call, method) }
        guard let description = interfaces.first(where: { $0.name == interface }) else {
            return call.fail(standard: "InterfaceNotFound", "interface", interface)
        }
        guard description.methods.contains(where: { $0.name == method }) else {
            return call.fail(standard: "MethodNotFound", "method", method)
        }
        handler(call)
    }

    private func describe(_ call: Call, _ method: String) {
        switch method {
        case "GetInfo":
            let names = (["org.varlink.service"] + interfaces.map(\.name)).map(quoted).joined(separator: ",")
            let facts = [
                ("vendor", identity.vendor), ("product", identity.product), ("version", identity.version),
                ("url", identity.url),
            ].map { "\"\($0)\":\(quoted($1))" }.joined(separator: ",")
            call.reply(Array("{\(facts),\"interfaces\":[\(names)]}".utf8))
        case "GetInterfaceDescription":
            let parameters = call.parameters
            guard let name = try? unsafe MessageScanner.string("interface", in: parameters.span.bytes) else {
                return call.failInvalidParameter("interface")
            }
            let text = name == "org.varlink.service" ? serviceInterfaceText : interfaces.first { $0.name == name }?.text
            guard let text else { return call.fail(standard: "InterfaceNotFound", "interface", name) }
            call.reply(Array("{\"description\":\(quoted(text))}".utf8))
        default: call.fail(standard: "MethodNotFound", "method", method)
        }
    }
}

private final class Listener {
    let socket: OwnedDescriptor
    var watch: EventLoop.Watch?

    init(socket: consuming OwnedDescriptor) { self.socket = socket }
}

/// From varlink.org, Service Interface.
private let serviceInterfaceText = """
    # The Varlink Service Interface is provided by every varlink service. It
    # describes the service and the interfaces it implements.
    interface org.varlink.service

    # Get a list of all the interfaces a service provides and information
    # about the implementation.
    method GetInfo() -> (
      vendor: string,
      product: string,
      version: string,
      url: string,
      interfaces: []string
    )

    # Get the description of an interface that is implemented by this service.
    method GetInterfaceDescription(interface: string) -> (description: string)

    # The requested interface was not found.
    error InterfaceNotFound (interface: string)

    # The requested method was not found
    error MethodNotFound (method: string)

    # The interface defines the requested method, but the service does not
    # implement it.
    error MethodNotImplemented (method: string)

    # One of the passed parameters is invalid.
    error InvalidParameter (parameter: string)

    # Client is denied access
    error PermissionDenied ()

    # Method is expected to be called with 'more' set to true, but wasn't
    error ExpectedMore ()
    """
