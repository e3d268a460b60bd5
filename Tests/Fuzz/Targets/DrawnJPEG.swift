import Imaging
import Platform

/// A picture that grows brighter to the right, encoded by the simulator's encoder.
func drawnJPEG(width: Int, height: Int) -> [UInt8] {
    var picture = PlanarPicture(width: width, height: height)
    let (stride, rows) = (picture.stride, picture.rows)
    picture.withMutablePlanes { luma, blue, _ in
        for index in 0..<stride * rows { luma[index] = UInt8(index % stride * 255 / stride) }
        for index in 0..<blue.count { blue[index] = UInt8(index * 255 / blue.count) }
    }
    var encoder = JPEGEncoder(maximumWidth: width)
    var output = SecureBytes(count: stride * rows * 3 + 1024, holding: .simulation)
    let count = output.withMutableBytes { bytes in (try? encoder.encode(picture, quality: 60, into: &bytes)) ?? 0 }
    return output.withBytes { bytes in
        (0..<count).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
}

/// The picture without its Huffman tables, as many cameras send it.
func withoutTables(_ jpeg: [UInt8]) -> [UInt8] {
    let (segments, scan) = parts(of: jpeg)
    return segments.filter { $0[1] != 0xC4 }.reduce([0xFF, 0xD8], +) + scan
}

/// A grey block in two scans, with the tables of another picture.
func progressiveJPEG(tablesOf jpeg: [UInt8]) -> [UInt8] {
    let tables = parts(of: jpeg).segments.filter { $0[1] == 0xC4 || $0[1] == 0xDB }
    let header: [UInt8] = [0xFF, 0xC2, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]
    // In the customary tables a difference of zero is 00, the end of a block 1010; ones fill the byte.
    let constant: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0x00, 0, 0, 0, 0b0011_1111]
    let others: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0x00, 1, 63, 0, 0b1010_1111]
    return tables.reduce([0xFF, 0xD8], +) + header + constant + others + [0xFF, 0xD9]
}

/// The segments between start and scan, and the scan with its header.
private func parts(of jpeg: [UInt8]) -> (segments: [[UInt8]], scan: [UInt8]) {
    var segments: [[UInt8]] = []
    var rest = jpeg.dropFirst(2)
    while rest.count >= 4, rest[rest.startIndex + 1] != 0xDA {
        let length = 2 + Int(rest[rest.startIndex + 2]) << 8 + Int(rest[rest.startIndex + 3])
        segments.append(Array(rest.prefix(length)))
        rest = rest.dropFirst(length)
    }
    return (segments, Array(rest))
}
