import Biometrics
import Faces
import Imaging
import Platform
import Support
import Testing

@Suite(.needsPack) struct TemplateTests {
    private let pack: ModelPack
    /// The face and its shoulders, as on a document.
    private static let documentBox = Box(x: 126, y: 20, width: 200, height: 247)

    init() throws { pack = try ModelPack(folder: TestPack.folder) }

    private func reference(_ jpeg: [UInt8]) throws -> Template {
        var analyser = try FaceAnalyser(pack: pack)
        var recogniser = try FaceRecogniser(pack: pack)
        return try unsafe referenceTemplate(of: jpeg.span.bytes, analyser: &analyser, recogniser: &recogniser)
    }

    private func refusal(_ jpeg: [UInt8]) throws -> ReferenceFault? {
        do {
            _ = try reference(jpeg)
            return nil
        } catch let fault as ReferenceFault {
            return fault
        }
    }

    private func length(_ template: borrowing Template) -> Double {
        template.distance(to: Template(dimensions: template.dimensions))
    }

    @Test func `a template has the length that an independent implementation finds`() throws {
        // LiteRT on the same chip, averaged over the mirror image: 1.4503. The usual silent mistakes differ:
        // blue first 1.418, no mean 1.459, values −1...1 1.429, normalised 1.
        let portrait = try TestPicture.portrait()
        #expect(abs(length(try reference(portrait.jpeg(quality: 98))) - 1.4503) < 0.005)
        #expect(length(try reference(portrait.map { SIMD3($0.z, $0.y, $0.x) }.jpeg(quality: 98))) < 1.435)
    }

    @Test(arguments: [1.0, 2.5]) func `place and size in the picture change a template little`(scale: Double) throws {
        let template = try reference(TestPicture.portrait().jpeg())
        var scene = TestPicture(width: 900, height: 700)
        scene.draw(try .portrait(), x: 450 - 226 * scale, y: 350 - 123 * scale, scale: scale)
        #expect(try reference(scene.jpeg()).distance(to: template) < 0.15)
    }

    @Test func `a portrait as small as chips deliver it is good enough`() throws {
        let template = try reference(TestPicture.portrait().jpeg())
        let small = try TestPicture.portrait().cut(Self.documentBox, width: 102, height: 126)
        let distance = try reference(small.jpeg(quality: 80)).distance(to: template)
        #expect(distance < pack.thresholds.match * 0.8)
    }

    @Test func `a face that fills its picture is found`() throws {
        let template = try reference(TestPicture.portrait().jpeg())
        let tight = try TestPicture.portrait().cut(Box(x: 190, y: 90, width: 72, height: 76), width: 144, height: 152)
        #expect(try reference(tight.jpeg()).distance(to: template) < pack.thresholds.match)
    }

    @Test func `portraits that are of no use are refused with the reason`() throws {
        let portrait = try TestPicture.portrait()
        let document = portrait.cut(Self.documentBox, width: 200, height: 247)
        var two = TestPicture(width: 420, height: 260)
        two.draw(document, x: 5, y: 5)
        two.draw(document, x: 210, y: 5)
        #expect(try refusal(TestPicture(width: 200, height: 247).jpeg()) == .noFace)
        #expect(try refusal(two.jpeg()) == .severalFaces)
        #expect(try refusal(document.blurred(radius: 2).jpeg()) == .tooBlurred)
        guard case .tooSmall = try refusal(portrait.cut(Self.documentBox, width: 60, height: 74).jpeg()) else {
            Issue.record("a portrait of 60×74 pixels was accepted")
            return
        }
        let jpeg2000: [UInt8] = [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A]
        #expect(try refusal(jpeg2000) == .notJPEG(format: "JPEG 2000"))
        #expect(try refusal([1, 2, 3]) == .notJPEG(format: "no known picture"))
        guard case .corrupt = try refusal([0xFF, 0xD8, 0xFF, 0xD9]) else {
            Issue.record("four bytes were accepted")
            return
        }
        let large = try document.jpeg() + [UInt8](repeating: 0, count: 1 << 20)
        guard case .tooLarge = try refusal(large) else {
            Issue.record("more than 1 MiB was accepted")
            return
        }
    }

    @Test func `faces beyond the second one cost nothing`() throws {
        let document = try TestPicture.portrait().cut(Self.documentBox, width: 200, height: 247)
        /// How many parts the check of a picture with so many faces has.
        func parts(faces: Int) throws -> Int {
            var picture = TestPicture(width: 820, height: 260)
            for face in 0..<faces { picture.draw(document, x: 5 + 203 * Double(face), y: 5) }
            var analyser = try FaceAnalyser(pack: pack)
            var recogniser = try FaceRecogniser(pack: pack)
            var count = 0
            let jpeg = try picture.jpeg()
            #expect(throws: ReferenceFault.severalFaces) {
                _ = try unsafe referenceTemplate(of: jpeg.span.bytes, analyser: &analyser, recogniser: &recogniser) {
                    count += 1
                    return true
                }
            }
            return count
        }
        #expect(try parts(faces: 4) == parts(faces: 2))
    }

    @Test func `a reference leaves no track behind`() throws {
        var analyser = try FaceAnalyser(pack: pack)
        var recogniser = try FaceRecogniser(pack: pack)
        let jpeg = try TestPicture.portrait().jpeg()
        _ = try unsafe referenceTemplate(of: jpeg.span.bytes, analyser: &analyser, recogniser: &recogniser)
        var sum = TemplateSum(dimensions: pack.dimensions)
        let isAdded = recogniser.add(lastFaceOf: analyser, to: &sum)
        #expect(!isAdded)
        let isEmpty = sum.mean() == nil
        #expect(isEmpty)
    }

    @Test func `a sum of the same face has that face's template, and grows without allocating`() throws {
        var analyser = try FaceAnalyser(pack: pack)
        var recogniser = try FaceRecogniser(pack: pack)
        var once = TemplateSum(dimensions: pack.dimensions)
        var often = TemplateSum(dimensions: pack.dimensions)
        _ = try analyser.observe(TestPicture.portrait().jpeg())
        recogniser.add(lastFaceOf: analyser, to: &once)
        func addThrice() {
            for _ in 0..<3 { recogniser.add(lastFaceOf: analyser, to: &often) }
        }
        addThrice()
        #expect(allocations(during: addThrice) == 0)
        let count = often.count
        #expect(count == 6)
        guard let first = once.mean(), let mean = often.mean() else {
            Issue.record("no template")
            return
        }
        let distance = first.distance(to: mean)
        #expect(distance < 1e-4)
    }
}
