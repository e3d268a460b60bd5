import Faces
import Platform

/// The description of a model pack, beside one file that it may name.
struct PackTarget: FuzzTarget {
    static let name = "pack"
    static let longest = 16 << 10
    private static let file = Array("model".utf8)
    private let folder: ScratchFolder

    static var seeds: [[UInt8]] {
        let digest = unsafe Digest(of: file.span.bytes)
        func model(_ input: String) -> String {
            #"{"file":"m","sha256":"\#(digest)","licence":"CC0","origin":"o","input":\#(input)}"#
        }
        let face = model(#"{"width":64,"height":64,"channels":"RGB","low":-1,"high":1,"mean":[4,5,6]}"#)
        let chip = model(#"{"width":150,"height":150,"channels":"RGB","mean":[1,2,3.5],"scale":256}"#)
        let points = #""meshPoints":[263,33,2],"template":[[0.8,0.2],[0.1,0.2],[0.4,0.6]]"#
        return [
            #"{"format":1,"name":"n","models":{"detector":\#(face),"mesh":\#(face),"iris":\#(face),"#
                + #""recognition":\#(chip)},"alignment":{"size":150,"padding":0.25,\#(points)},"metric":"euclidean","#
                + #""dimensions":128,"thresholds":[{"name":"t","match":0.4,"nonMatch":6e-1,"validation":"none"}]}"#
        ].map { Array($0.utf8) }
    }

    init() throws {
        self.folder = try ScratchFolder()
        folder.write(Self.file, to: "m")
    }

    func run(_ bytes: [UInt8]) {
        folder.write(bytes, to: "pack.json")
        do throws(PackFault) {
            let pack = try ModelPack(folder: folder.path)
            precondition(pack.models.count == ModelPack.Role.allCases.count, "every role has a network")
        } catch {
            precondition(!error.problem.isEmpty && !error.remedy.isEmpty, "a fault says what is wrong")
        }
    }
}
