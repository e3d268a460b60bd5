import Glibc
import Platform

/// One search at a time: each copies memory, and another must not find that copy.
private let turn = Monitor(())

/// Counts where a pattern stands in this process's own writable memory.
///
/// `pattern` is given XORed with 0xFF, so that the searched bytes are nowhere whole but where they leaked.
/// Memory that was freed and kept by the allocator is searched too.
package func memoryHolds(complementOf pattern: [UInt8]) -> Int {
    turn.update { _ in
        let memory = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        let pageMap = unsafe open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)
        precondition(memory >= 0 && pageMap >= 0, "this process cannot read its own memory")
        defer {
            close(memory)
            close(pageMap)
        }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        let count = writableRegions().flatMap { residentRuns(in: $0, pageMap) }.reduce(0) {
            $0 + occurrences(of: pattern, in: $1, of: memory, by: &chunk)
        }
        unsafe explicit_bzero(&chunk, chunk.count)
        return count
    }
}

private func occurrences(
    of pattern: [UInt8], in run: Range<Int>, of memory: CInt, by chunk: inout [UInt8]
) -> Int {
    var (count, position) = (0, run.lowerBound)
    while position < run.upperBound {
        let size = unsafe pread(memory, &chunk, min(chunk.count, run.upperBound - position), position)
        // Unmapped by another thread since.
        guard size > 0 else { break }
        let isOwn = unsafe chunk.withUnsafeBytes { bytes in
            let own = Int(bitPattern: bytes.baseAddress)
            return own < position + size && position < own + bytes.count
        }
        if !isOwn { count += occurrences(of: pattern, in: chunk[..<size]) }
        // Overlapping, so that a pattern across two reads is found, and only once.
        position += size == chunk.count ? size - pattern.count + 1 : size
    }
    return count
}

private func occurrences(of pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int {
    unsafe bytes.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress, let first = pattern.first else { return 0 }
        var (count, offset) = (0, 0)
        while let found = unsafe memchr(base + offset, CInt(~first), bytes.count - offset) {
            let start = unsafe UnsafeRawPointer(found) - base
            guard start + pattern.count <= bytes.count else { break }
            if pattern.indices.allSatisfy({ unsafe bytes[start + $0] == ~pattern[$0] }) { count += 1 }
            offset = start + 1
        }
        return count
    }
}

private func writableRegions() -> [Range<Int>] {
    guard let maps = unsafe fopen("/proc/self/maps", "r") else { return [] }
    defer { unsafe fclose(maps) }
    var regions: [Range<Int>] = []
    var line = [CChar](repeating: 0, count: 512)
    while unsafe fgets(&line, 512, maps) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let words = text.split(whereSeparator: { $0 == " " || $0 == "-" || $0 == "\n" })
        if words.count > 2, words[2].hasPrefix("rw"), let start = Int(words[0], radix: 16),
            let end = Int(words[1], radix: 16)
        {
            regions.append(start..<end)
        }
    }
    return regions
}

/// Leaves out pages that were never touched, such as most of a thread's stack.
private func residentRuns(in region: Range<Int>, _ pageMap: CInt) -> [Range<Int>] {
    let pageSize = Int(getpagesize())
    var entries = [UInt64](repeating: 0, count: region.count / pageSize)
    let byteCount = entries.count * 8
    guard unsafe pread(pageMap, &entries, byteCount, region.lowerBound / pageSize * 8) == byteCount else {
        return [region]
    }
    var runs: [Range<Int>] = []
    // Bit 63: in memory; bit 62: in swap.
    for (index, entry) in entries.enumerated() where entry >> 62 != 0 {
        let page = region.lowerBound + index * pageSize
        if let last = runs.last, last.upperBound == page {
            runs[runs.count - 1] = last.lowerBound..<page + pageSize
        } else {
            runs.append(page..<page + pageSize)
        }
    }
    return runs
}
