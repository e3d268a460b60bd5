import Glibc

/// Searches this process's own writable memory for a pattern.
///
/// `pattern` is given XORed with 0xFF, so that the searched bytes are nowhere whole but where they leaked.
package func memoryHolds(complementOf pattern: [UInt8]) -> Int {
    guard let maps = try? readAll("/proc/self/maps") else { return -1 }
    let memory = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
    guard memory >= 0 else { return -1 }
    defer { close(memory) }
    var count = 0
    for line in maps.split(separator: UInt8(ascii: "\n")) {
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard words.count >= 2, words[1].hasPrefix("rw") else { continue }
        let bounds = words[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
        guard bounds.count == 2 else { continue }
        count += occurrences(of: pattern, from: bounds[0], to: bounds[1], in: memory)
    }
    return count
}

private func occurrences(of pattern: [UInt8], from start: UInt, to end: UInt, in memory: CInt) -> Int {
    // Complemented while it is read, so that the copy does not count as a leak in its turn.
    let capacity = 1 << 20
    let page = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    defer { unsafe page.deallocate() }
    var (count, at) = (0, start)
    while at < end {
        let size = unsafe pread(memory, page, min(capacity, Int(end - at)), Int(at))
        guard size > 0 else { break }
        let own = UInt(bitPattern: page)
        let isOwn = at < own + UInt(capacity) && own < at + UInt(size)
        for index in 0..<size { unsafe page[index] = ~page[index] }
        if !isOwn { count += unsafe search(page, size, pattern) }
        unsafe page.update(repeating: 0, count: size)
        // Overlap, so that a pattern across two reads is found.
        at += size == capacity ? UInt(size - pattern.count) : UInt(size)
    }
    return count
}

@unsafe private func search(_ bytes: UnsafeMutablePointer<UInt8>, _ size: Int, _ pattern: [UInt8]) -> Int {
    guard let first = pattern.first, size >= pattern.count else { return 0 }
    var (count, index) = (0, 0)
    while index <= size - pattern.count {
        guard let hit = unsafe memchr(bytes + index, CInt(first), size - pattern.count - index + 1) else { break }
        index = unsafe UnsafeMutablePointer(bytes).distance(to: hit.assumingMemoryBound(to: UInt8.self))
        if unsafe memcmp(bytes + index, pattern, pattern.count) == 0 { count += 1 }
        index += 1
    }
    return count
}

private func readAll(_ path: String) throws -> [UInt8] {
    guard let file = unsafe fopen(path, "r") else { return [] }
    defer { unsafe fclose(file) }
    var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while true {
        let count = unsafe fread(&chunk, 1, chunk.count, file)
        if count == 0 { return bytes }
        bytes += chunk.prefix(count)
    }
}
