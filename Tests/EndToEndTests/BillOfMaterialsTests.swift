import Foundation
import Support
import Testing

@Suite(.needsPack) struct BillOfMaterialsTests {
    private struct Bill: Decodable {
        struct Component: Decodable {
            struct Choice: Decodable { let license: License? }
            struct License: Decodable { let id: String }
            let type: String
            let name: String
            let version: String
            let licenses: [Choice]?
        }

        let bomFormat: String
        let components: [Component]
    }

    @Test func `it names every library with its package and every model with its licence`() throws {
        let program = Repository.programs.appending(path: "portraitd").path
        let ending = try Program.run([Repository.file("device/sbom").path, TestPack.folder, program])
        try #require(ending.status == 0, "\(ending.errors)")
        let bill = try JSONDecoder().decode(Bill.self, from: Data(ending.output.utf8))
        #expect(bill.bomFormat == "CycloneDX")
        let libraries = bill.components.filter { $0.type == "library" }.map(\.name)
        for name in ["libsodium23", "libjpeg62-turbo", "libxnnpack0", "libseccomp2", "libc6"] {
            #expect(libraries.contains(name))
        }
        let models = bill.components.filter { $0.type == "machine-learning-model" }
        #expect(models.count == 4 && models.allSatisfy { $0.licenses?.first?.license?.id.isEmpty == false })
    }
}
