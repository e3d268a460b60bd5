import Biometrics
import Foundation
import Imaging
import Ports
import Rendering
import Support
import Testing

/// Draws heads into a small picture and looks at what came out.
private final class Studio {
    private let head: Head
    private let figure: Rasteriser
    private let lens = Lens(width: 320, height: 180)
    var picture = Backdrop.plain([200, 200, 200], width: 320, height: 180)

    init(_ portrait: Portrait = .drawn) {
        head = Head(of: .original, in: portrait)
        figure = Rasteriser(head: head, texture: Texture(of: .original, in: portrait, scale: 1, cast: [1, 1, 1]))
    }

    func draw(_ pose: HeadPose = .frontal, closure: Double = 0, illuminators: Illuminators = []) {
        var posture = Posture()
        posture.pose = pose
        posture.position = SIMD3(0, 0, 50)
        (posture.leftEyeClosure, posture.rightEyeClosure) = (closure, closure)
        let light = Light(
            soft: 0.9, directed: 0, direction: SIMD3(0, 0, -1), illuminatorPower: 0.2, illuminators: illuminators)
        head.take(posture, seenBy: lens, litBy: light)
        figure.draw(into: &picture)
    }

    /// The middle of all dark pixels in the given part of the picture, and their number.
    func darkSpot(_ columns: Range<Int>, _ rows: Range<Int>) -> (x: Double, y: Double, count: Int) {
        var (x, y, count) = (0, 0, 0)
        let stride = picture.stride
        picture.withMutablePlanes { luma, _, _ in
            for row in rows {
                for column in columns where luma[row * stride + column] < 70 {
                    (x, y, count) = (x + column, y + row, count + 1)
                }
            }
        }
        return (Double(x) / Double(max(count, 1)), Double(y) / Double(max(count, 1)), count)
    }

    func mean(_ columns: Range<Int>, _ rows: Range<Int>) -> Double {
        var sum = 0
        let stride = picture.stride
        picture.withMutablePlanes { luma, _, _ in
            for row in rows {
                for column in columns { sum += Int(luma[row * stride + column]) }
            }
        }
        return Double(sum) / Double(columns.count * rows.count)
    }
}

/// The person of the model pack; `nil` where none has been built.
private let astronaut: Portrait? = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
    return try? Portrait.astronaut(pack: environment["PORTRAITD_PACK"] ?? "\(cache)/portraitd/pack")
}()

/// Below the eyes, where the drawn head has only its nose.
private let noseRows = 95..<140
private let eyeRows = 70..<92

@Suite struct HeadTests {
    @Test(arguments: [(25.0, true), (-25.0, false)])
    func `turning to the own left moves the nose to the picture's right`(yaw: Double, isRight: Bool) {
        let studio = Studio()
        studio.draw()
        let straight = studio.darkSpot(100..<220, noseRows)
        let turned = Studio()
        turned.draw(HeadPose(yaw: yaw, pitch: 0, roll: 0))
        let moved = turned.darkSpot(80..<240, noseRows)
        #expect(straight.count > 20)
        #expect(isRight ? moved.x > straight.x + 8 : moved.x < straight.x - 8)
    }

    @Test func `looking up moves the nose up`() {
        let studio = Studio()
        studio.draw()
        let straight = studio.darkSpot(140..<180, 60..<140)
        let raised = Studio()
        raised.draw(HeadPose(yaw: 0, pitch: -20, roll: 0))
        #expect(raised.darkSpot(140..<180, 60..<140).y < straight.y - 5)
    }

    @Test func `closed eyes hide the pupils and nothing else`() {
        let (open, closed) = (Studio(), Studio())
        open.draw()
        closed.draw(closure: 1)
        #expect(open.darkSpot(100..<220, eyeRows).count > 30)
        #expect(closed.darkSpot(100..<220, eyeRows).count < 5)
        #expect(closed.darkSpot(100..<220, noseRows).count == open.darkSpot(100..<220, noseRows).count)
    }

    @Test(arguments: [(Illuminators.left, true), (.right, false)])
    func `an illuminator brightens the side where it stands`(lamp: Illuminators, isPictureRight: Bool) {
        let (dark, lit) = (Studio(), Studio())
        dark.draw()
        lit.draw(illuminators: lamp)
        let onLeft = lit.mean(135..<150, 100..<120) / dark.mean(135..<150, 100..<120)
        let onRight = lit.mean(170..<185, 100..<120) / dark.mean(170..<185, 100..<120)
        #expect(onLeft > 1 && onRight > 1)
        #expect(isPictureRight ? onRight > onLeft + 0.005 : onLeft > onRight + 0.005)
    }

    @Test(arguments: [-35.0, -20, 0, 20, 35])
    func `a turned face has no holes`(yaw: Double) {
        let studio = Studio()
        // Nothing of the figure is as bright as this wall.
        studio.picture = Backdrop.plain([255, 255, 255], width: 320, height: 180)
        studio.draw(HeadPose(yaw: yaw, pitch: -15, roll: 5))
        let stride = studio.picture.stride
        var holes = 0
        studio.picture.withMutablePlanes { luma, _, _ in
            for row in 65..<110 {
                let wall = (0..<320).filter { luma[row * stride + $0] > 235 }
                let figure = (0..<320).filter { luma[row * stride + $0] <= 235 }
                guard let first = figure.first, let last = figure.last else { continue }
                // Closer to the border there may be a notch between hair and cheek.
                holes += wall.count { first + 12 < $0 && $0 < last - 12 }
            }
        }
        #expect(holes == 0)
    }

    /// Nostrils and eye corners are triangles that the frontal picture hardly shows.
    @Test(.enabled(if: astronaut != nil, "no model pack"), arguments: [-35.0, -15, 15, 35], [-20.0, 0])
    func `the astronaut's face has no holes either`(yaw: Double, pitch: Double) throws {
        let studio = Studio(try #require(astronaut))
        studio.picture = Backdrop.plain([0, 255, 0], width: 320, height: 180)
        studio.draw(HeadPose(yaw: yaw, pitch: pitch, roll: 0), closure: 0.5)
        let (stride, nose) = (studio.picture.stride / 2, 80 + Int(yaw / 6))
        let wall = studio.picture.withMutablePlanes { _, blue, red in
            (40..<52).reduce(0) { count, row in
                count + (nose - 7..<nose + 8).count { blue[row * stride + $0] < 90 && red[row * stride + $0] < 90 }
            }
        }
        #expect(wall == 0)
    }

    @Test func `a head partly or wholly outside the picture is drawn as far as it is seen`() {
        let portrait = Portrait.drawn
        let head = Head(of: .original, in: portrait)
        let figure = Rasteriser(head: head, texture: Texture(of: .original, in: portrait, scale: 1, cast: [1, 1, 1]))
        var picture = Backdrop.plain([200, 200, 200], width: 64, height: 48)
        for place in [SIMD3(0.0, 0, 1), [1e6, -1e6, 10], [20, 0, 40], [0, 0, -30]] {
            var posture = Posture()
            posture.position = place
            head.take(
                posture, seenBy: Lens(width: 64, height: 48),
                litBy: Light(soft: 1, directed: 0, direction: [0, 0, -1], exposure: 100))
            figure.draw(into: &picture)
        }
    }

    /// The first round fills caches of the Swift runtime.
    @Test func `posing and drawing allocate nothing`() {
        let studio = Studio()
        func draw() {
            for closure in 0..<10 {
                studio.draw(HeadPose(yaw: 20, pitch: -10, roll: 3), closure: Double(closure) / 10)
            }
        }
        draw()
        let count = allocations(during: draw)
        #expect(count == 0)
    }
}
