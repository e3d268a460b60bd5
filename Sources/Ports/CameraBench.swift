/// Tells one camera from another.
///
/// USB cameras give their descriptor's vendor and product (four hexadecimal digits) and serial number; cameras
/// without one give their driver, card name and bus.
package struct CameraIdentity: Codable, Hashable, Sendable, CustomStringConvertible {
    package var vendor: String
    package var product: String
    /// `nil` when the camera has none, or, of a camera that is meant, when any will do.
    package var serial: String?

    package init(vendor: String, product: String, serial: String?) {
        self.vendor = vendor
        self.product = product
        self.serial = serial
    }

    package var description: String { "\(vendor):\(product)" + (serial.map { " serial \($0)" } ?? "") }

    /// Whether `found` is the camera that is meant; hexadecimal digits match in either case.
    package func accepts(_ found: CameraIdentity) -> Bool {
        vendor.lowercased() == found.vendor.lowercased() && product.lowercased() == found.product.lowercased()
            && (serial == nil || serial == found.serial)
    }
}

/// What one device node is.
package struct CameraDescription: Hashable, Sendable {
    /// Such as `/dev/video0`.
    package var node: String
    /// `nil` when the node could not be asked; `problem` says why.
    package var identity: CameraIdentity?
    /// The device's own name.
    package var card = ""
    package var driver = ""
    /// Where it hangs, as the kernel says it.
    package var bus = ""
    /// Speed of its USB link in Mbit/s; `nil` on other buses.
    package var megabitsPerSecond: Double?
    /// Whether it delivers frames to memory that is mapped.
    package var captures = false
    /// Whether no sensor stands behind it.
    package var isVirtual = false
    /// The four characters of each offered format.
    package var formats: [String] = []
    package var problem: String?

    package init(node: String) { self.node = node }
}

/// What a technician can learn and decide about cameras.
package protocol CameraBench: Sendable {
    /// What the device's camera is asked for.
    var frameInterval: Duration { get }

    /// What the device's camera was found to be; `nil` as long as none was met that is the one that is meant.
    var provenSource: CaptureSource? { get }

    /// All camera nodes, whichever the device uses, by name; none is switched on.
    func cameras() -> [CameraDescription]

    /// Asks the device's own camera who it is, whether it is the one that is meant or not.
    func identify() throws(CameraFault) -> CameraIdentity

    /// From now on the device's camera must be `identity`, and what the board profile names besides.
    func pin(_ identity: CameraIdentity?)
}
