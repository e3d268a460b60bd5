package import Varlink

/// The interfaces as they are served, from the `.varlink` files of this room.
package enum InterfaceTexts {
    package static let counter = "io.portraitd.Counter"
    package static let device = "io.portraitd.Device"
    package static let service = "io.portraitd.Service"

    /// Reads the built-in texts; a fault in them is a mistake of this project, found by its tests.
    package static func all() throws(InterfaceDescription.Fault) -> [InterfaceDescription] {
        [
            try InterfaceDescription(
                text: String(decoding: PackageResources.io_portraitd_Counter_varlink, as: UTF8.self)),
            try InterfaceDescription(
                text: String(decoding: PackageResources.io_portraitd_Device_varlink, as: UTF8.self)),
        ]
    }

    /// What technicians and auditors may call besides.
    package static func serviceOnly() throws(InterfaceDescription.Fault) -> InterfaceDescription {
        try InterfaceDescription(
            text: String(decoding: PackageResources.io_portraitd_Service_varlink, as: UTF8.self))
    }
}
