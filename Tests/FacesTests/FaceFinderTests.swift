import Biometrics
import Imaging
import Testing

@testable import Faces

@Suite struct FaceFinderTests {
    @Test(
        arguments: [
            (1280, 720, 6), (640, 480, 4), (720, 1280, 2), (64, 64, 4), (64, 4096, 2), (4096, 64, 16), (65_500, 1, 16),
        ] as [(Double, Double, Int)])
    func `a few squares cover a frame of any size`(width: Double, height: Double, count: Int) {
        let squares = FaceFinder.squares(width: width, height: height)
        #expect(squares.count == count && squares.allSatisfy(\.isUsable))
        for x in [0, width / 3, width / 2, width] {
            for y in [0, height / 2, height] {
                #expect(squares.contains { max(abs(x - $0.centreX), abs(y - $0.centreY)) <= $0.side / 2 + 1e-6 })
            }
        }
    }
}
