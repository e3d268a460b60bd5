import Platform
import Ports

extension CameraIdentity {
    /// What the USB descriptor says, and on other buses the driver.
    init(_ capability: VideoCapability, _ attachment: VideoAttachment) {
        self =
            attachment.usb
            ?? CameraIdentity(vendor: capability.driver, product: capability.card, serial: capability.bus)
    }
}

extension CameraDescription {
    /// Asks one node, without switching anything on.
    init(node: String, _ kernel: any VideoKernel) {
        self.init(node: node)
        do throws(Errno) {
            let device = try kernel.open(node)
            let (capability, attachment) = (try device.capability(), try device.attachment())
            identity = CameraIdentity(capability, attachment)
            (card, driver, bus) = (capability.card, capability.driver, capability.bus)
            captures = capability.captures
            megabitsPerSecond = attachment.megabitsPerSecond
            isVirtual = hasNoSensor(capability, attachment)
            if captures { formats = try offeredFormats(of: device).map(fourCCText) }
        } catch {
            problem = "\(error)"
        }
    }
}
