import Glibc
import Platform
import V4L2Camera

/// A kernel whose one driver says what an input tells it to; used by one thread.
///
/// The input: format (four bytes); bit 0 of a byte for a true size, else width and height (four bytes each); stride
/// (four); twice a buffer's index (one), byte count (four) and bit 0 of a byte for a broken one.
final class HostileKernel: VideoKernel, @unchecked Sendable {
    private let input: InputReader

    init(_ input: InputReader) { self.input = input }

    func open(_ path: String) -> any VideoDevice { HostileDriver(input) }
    func nodes() -> [String] { [] }
}

@safe private final class HostileDriver: VideoDevice {
    private let fourCC: UInt32
    private let size: (width: UInt32, height: UInt32)?
    private let stride: UInt32
    private var finished: [FinishedBuffer] = []
    private let memory: UnsafeMutableRawBufferPointer
    private var mappingCount = 0

    init(_ input: InputReader) {
        var reader = input
        self.fourCC = reader.integer()
        self.size = reader.integer(UInt8.self) & 1 == 0 ? nil : (reader.integer(), reader.integer())
        self.stride = reader.integer()
        for number in 0..<2 {
            finished.append(
                FinishedBuffer(
                    index: UInt32(reader.integer(UInt8.self)), byteCount: reader.integer(), sequence: UInt32(number),
                    timestamp: nil, isBroken: reader.integer(UInt8.self) & 1 != 0))
        }
        // As long as what it holds, so that the sanitizer sees a step too far.
        unsafe self.memory = .allocate(byteCount: reader.rest.count, alignment: 1)
        unsafe memory.copyBytes(from: reader.rest)
    }

    deinit {
        precondition(mappingCount == 0, "every buffer is unmapped")
        unsafe memory.deallocate()
    }

    func capability() -> VideoCapability { VideoCapability(driver: "d", card: "c", bus: "b", captures: true) }
    func attachment() -> VideoAttachment { VideoAttachment(folder: "/sys/devices/d", usb: nil) }

    func offeredFormat(at index: UInt32) throws(Errno) -> UInt32 {
        guard index == 0 else { throw Errno(EINVAL) }
        return fourCC
    }

    func tryFormat(_ wanted: VideoFormat) -> VideoFormat { answer(to: wanted) }
    func setFormat(_ wanted: VideoFormat) -> VideoFormat { answer(to: wanted) }

    private func answer(to wanted: VideoFormat) -> VideoFormat {
        VideoFormat(
            fourCC: fourCC, width: size?.width ?? wanted.width, height: size?.height ?? wanted.height, stride: stride)
    }

    func setFrameInterval(microseconds: UInt32) {}
    func set(_ control: CameraControl) {}
    func tryControl(_ control: CameraControl) {}
    func control(_ identifier: UInt32) -> CameraControl { CameraControl(identifier: identifier, value: 0) }
    func defaultControl(_ identifier: UInt32) -> CameraControl { control(identifier) }
    func requestBuffers(_ count: UInt32) -> UInt32 { count }
    func queryBuffer(at index: UInt32) -> (offset: UInt32, length: UInt32) {
        (0, UInt32(unsafe memory.count))
    }

    func map(offset: UInt32, length: UInt32) -> UnsafeRawBufferPointer {
        mappingCount += 1
        return unsafe UnsafeRawBufferPointer(memory)
    }

    func unmap(_ mapping: UnsafeRawBufferPointer) { mappingCount -= 1 }
    func queue(_ index: UInt32) {}
    func dequeue() -> FinishedBuffer? { finished.popLast() }
    func startStreaming() {}
    func stopStreaming() {}
    func wait(within timeout: Duration) -> Bool { true }
}
