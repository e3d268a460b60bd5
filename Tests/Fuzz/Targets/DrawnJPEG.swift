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
    var output = SecureBytes(count: stride * rows * 3 + 1024)
    let count = output.withMutableBytes { bytes in (try? encoder.encode(picture, quality: 60, into: &bytes)) ?? 0 }
    return output.withBytes { bytes in
        (0..<count).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
}

/// The picture without its Huffman tables, as many cameras send it.
func withoutTables(_ jpeg: [UInt8]) -> [UInt8] {
    var result = Array(jpeg.prefix(2))
    var rest = jpeg.dropFirst(2)
    while rest.count >= 4, rest[rest.startIndex + 1] != 0xDA {
        let length = 2 + Int(rest[rest.startIndex + 2]) << 8 + Int(rest[rest.startIndex + 3])
        if rest[rest.startIndex + 1] != 0xC4 { result += rest.prefix(length) }
        rest = rest.dropFirst(length)
    }
    return result + rest
}
