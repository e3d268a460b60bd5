import Foundation
import Inference
import Platform
import Support
import Testing

/// Each runs in a process of its own, as other tests take and give secure memory at the same time.
@Suite struct NetworkMemoryTests {
    @Test func `a dropped network gives all its secure memory back`() async {
        await #expect(processExitsWith: .success) {
            _ = try makeNetwork(smallModel.bytes)
            let before = SecureMemory.allocatedByteCount
            do {
                var network = try makeNetwork(smallModel.bytes)
                network.run()
                precondition(SecureMemory.allocatedByteCount > before)
            }
            precondition(SecureMemory.allocatedByteCount == before)
        }
    }

    @Test func `what is computed lies in secure memory only`() async {
        await #expect(processExitsWith: .success) {
            var model = TestModel()
            let input = model.tensor([1, 8, 8, 4])
            let sum = model.apply(0, [input, input], to: [1, 8, 8, 4])
            let amounts = model.integers([4, 2], [0, 0, 1, 1, 1, 1, 0, 0])
            let padded = model.apply(34, [sum, amounts], to: [1, 10, 10, 4])
            let pool: [Int: Flat] = [0: .int8(1), 1: .int32(2), 2: .int32(2), 3: .int32(2), 4: .int32(2)]
            model.inputs = [input]
            model.outputs = [model.apply(17, [padded], to: [1, 5, 5, 4], options: pool)]
            var network = try makeNetwork(model.bytes)
            let marker = Float.random(in: 1.1..<1.9)
            network.withInput { span in
                for index in span.indices { span[index] = marker }
            }
            network.run()
            network.withOutput(0) { precondition($0[44] == 2 * marker) }
            precondition(copies(of: marker, inSecureMemory: false) == 0)
            precondition(copies(of: 2 * marker, inSecureMemory: false) == 0)
            precondition(copies(of: 2 * marker, inSecureMemory: true) > 0, "the search finds nothing at all")
        }
    }
}

/// Counts where the process's heap and mappings hold `marker` four times in a row, this thread's stack apart.
///
/// Secure memory is told by the kernel's mark for pages that are left out of core dumps.
private func copies(of marker: Float, inSecureMemory isSecure: Bool) -> Int {
    guard let map = try? FileHandle(forReadingAtPath: "/proc/self/smaps")?.readToEnd(),
        let memory = FileHandle(forReadingAtPath: "/proc/self/mem")
    else { return -1 }
    var count = 0
    let stack = unsafe withUnsafePointer(to: count) { UInt64(UInt(bitPattern: $0)) }
    var range: (start: UInt64, end: UInt64)?
    for line in String(decoding: map, as: UTF8.self).split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count >= 5, words[1].count == 4, words[0].contains("-") {
            let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            let isWritable = words[1].hasPrefix("rw") && ends.count == 2
            range = isWritable && !(ends[0]..<ends[1]).contains(stack) ? (ends[0], ends[1]) : nil
        } else if words[0] == "VmFlags:", let part = range, words.contains("dd") == isSecure {
            guard (try? memory.seek(toOffset: part.start)) != nil,
                let content = try? memory.read(upToCount: Int(part.end - part.start))
            else { continue }
            var run = 0
            for start in stride(from: 0, to: content.count - 3, by: 4) {
                let bits = unsafe content.withUnsafeBytes {
                    unsafe $0.loadUnaligned(fromByteOffset: start, as: UInt32.self)
                }
                run = bits == marker.bitPattern ? run + 1 : 0
                if run == 4 { count += 1 }
            }
        }
    }
    return count
}
