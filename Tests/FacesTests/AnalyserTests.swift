import Biometrics
import Faces
import Imaging
import Support
import Testing

@Suite(.needsPack) struct AnalyserTests {
    @Test func `the portrait's face is read`() throws {
        var analyser = try FaceAnalyser(width: 512, height: 512)
        let frame = try analyser.observe(TestPicture.portrait().jpeg(), eyes: .both)
        let face = try #require(frame.face)
        print(frame)
        _ = face
    }
}
