import Foundation
import Support
import Testing

/// A few presentations through the evaluator's bench; its report plays many more.
@Suite(.needsPack) final class AttackMeasurementTests {
    /// What is looked at of one arm.
    private struct Summary: Decodable {
        struct Share: Decodable {
            let count: Int
            let total: Int
        }
        struct Layer: Decodable { let errorsWithout, errorsWithoutWhereTried: Int }

        let name: String
        let isAttack: Bool
        let isUnlit: Bool
        let trials: Int
        let classificationErrors: Share
        let verified: Share
        let nonResponses: Share
        let unrecognised: Share
        let errorsWhereTried: Share
        let lightWords: [String: Int]
        let layers: [String: Layer]
    }

    private let folder = FileManager.default.temporaryDirectory.appending(path: "attacks-\(UUID().uuidString)").path

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func measure(seeds: String = "0", _ words: String...) throws -> Program.Ending {
        try Program.run(
            [
                "/usr/bin/env", "XDG_CACHE_HOME=\(folder)", Repository.programs.appending(path: "portraitlab").path,
                "attacks",
                "--pack", TestPack.folder, "--seeds", seeds,
            ] + words)
    }

    /// A folder of trials that were never played.
    private func trials(of arm: String, _ table: String, origin: String = "nowhere") throws -> String {
        let trials = folder + "/trials"
        try FileManager.default.createDirectory(atPath: trials, withIntermediateDirectories: true)
        try Data(origin.utf8).write(to: URL(filePath: trials + "/origin"))
        try Data(table.utf8).write(to: URL(filePath: "\(trials)/\(arm).csv"))
        return trials
    }

    private func summaries(_ ending: Program.Ending) throws -> [Summary] {
        try #require(ending.status == 0, "\(ending.errors)")
        return try ending.output.split(separator: "\n").map {
            try JSONDecoder().decode(Summary.self, from: Data($0.utf8))
        }
    }

    /// Lists that take about the same time.
    @Test(arguments: [
        "halfPrint,chosenReplay,frozenStream,noisyStream,chosenReplay@0.03",
        "eyeholePrint,guessingReplay,lentPerson,office,mask,office@0.03",
        "movedPrint,bentPrint,standReplay,cutStream,wavedPrint,followingReplay",
        "phoneReplay,tabletReplay,cyclingReplay,exchangedPerson,loopedStream",
    ])
    func `attacks are not verified, honest persons not accused`(names: String) throws {
        let arms = try summaries(measure("--json", "--species", names))
        #expect(arms.map(\.name).joined(separator: ",") == names)
        for arm in arms {
            #expect(arm.trials == 1 && arm.classificationErrors.count == 0, "\(arm.name)")
            // A mask may hide too little to hide who wears it.
            let isExpected = !arm.isAttack && !arm.isUnlit
            if arm.name != "mask" { #expect(arm.verified.count == (isExpected ? 1 : 0), "\(arm.name)") }
        }
        let report = folder + "/report.md"
        let again = try summaries(measure("--json", "--stored", "--species", names + ",quickMover", "--report", report))
        #expect(again.map { $0.name } == arms.map { $0.name })
        let text = try String(contentsOfFile: report, encoding: .utf8)
        for arm in arms { #expect(text.contains("| `\(arm.name)` |"), "\(arm.name)") }
        #expect(text.contains("`quickMover`") && !text.contains("| `quickMover` |"))
    }

    @Test func `a layer is worth what passes without it, and a decision that was not made is no detection`() throws {
        let reading = "30 20 -10 5 2 1 4 -1 -500 -700"
        let table = """
            0,attackSuspected,presentationAttack,9000,pfnuupu,1,\(reading)
            1,undetermined,noResponse,16000,upnuuuu,1,\(reading)
            2,undetermined,livenessUndetermined,9000,punuupu,1,\(reading)
            3,undetermined,noResponse,16000,uunuuuu,0,
            4,attackSuspected,presentationAttack,16000,upfuuuu,2,\(reading)
            5,refer,lightNotChecked,9000,ppnuupu,1,\(reading)
            6,undetermined,timeLimit,30000,pppuuuu,1,\(reading)
            7,undetermined,livenessUndetermined,9000,puuuupu,1,120 110 900 60 40 10 60 200 -500 -700

            """
        let trials = try trials(of: "halfPrint", table)
        let told = try summaries(
            measure(seeds: "0-7", "--json", "--stored", "--trials", trials, "--species", "halfPrint"))
        let arm = try #require(told.first)
        #expect(arm.trials == 8 && arm.nonResponses.count == 2 && arm.lightWords["notRead"] == 1)
        #expect(arm.unrecognised.count == 4 && arm.unrecognised.total == 6)
        #expect(arm.errorsWhereTried.count == 1 && arm.classificationErrors.count == 0)
        // What depth keeps the light from believing is depth's own catch.
        #expect(arm.layers["depth"]?.errorsWithoutWhereTried == 4 && arm.layers["depth"]?.errorsWithout == 1)
        #expect(arm.layers["challengeResponse"]?.errorsWithoutWhereTried == 2)
        #expect(arm.layers["light"]?.errorsWithout == 1)
        #expect(arm.layers["continuity"]?.errorsWithout == 1)
    }

    @Test func `the report has each rate of its kind, and honest persons by their face`() throws {
        let reading = "30 20 -10 5 2 1 4 -1 -500 -700"
        let honest = """
            0,verified,,9000,pppuupu,1,\(reading)
            1,undetermined,livenessUndetermined,10000,puuuupu,2,\(reading)
            2,undetermined,livenessUndetermined,12000,puuuupu,2,\(reading)
            3,attackSuspected,presentationAttack,17000,ppfuupu,1,\(reading)

            """
        let attack = """
            0,refer,comparisonUndetermined,9000,pppuupu,1,\(reading)
            1,undetermined,noResponse,9000,upnuuuu,0,

            """
        let folder = try trials(of: "office", honest)
        _ = try trials(of: "halfPrint", attack)
        let report = folder + "/report.md"
        let ending = try measure(
            seeds: "0-3", "--stored", "--trials", folder, "--species", "halfPrint,office", "--report", report)
        try #require(ending.status == 0, "\(ending.errors)")
        let text = try String(contentsOfFile: report, encoding: .utf8)
        for line in [
            "| worst APCER of a species, light on | 1: 50.0 % (1.3–98.7) of 2, `halfPrint` | ≤ 1 % of 400 |",
            "| worst IAPAR, light on | 0: 0.0 % (0.0–84.2) of 2, `halfPrint` |  |",
            "| BPCER, office light | 1: 25.0 % (0.6–80.6) of 4 | ≤ 2 % |",
            "| BPNRR, all conditions but the mask | 0: 0.0 % (0.0–60.2) of 4 | ≤ 3 % |",
            "| `office` | 4 | 1: 25.0 % (0.6–80.6) | 3: 75.0 % (19.4–99.4) of 4 | 0: 0.0 % (0.0–60.2) |",
            "| 1: 25.0 % (0.6–80.6) | 11.0, 17.0 |",
            "| light | 0, 0 | 1 | 1 | 0, 0 | 0 | 1 |",
            "Made by `portraitlab attacks --pack ",
        ] { #expect(text.contains(line), "\(line)") }
        let faces = text.matches(of: /(?m)^\| (\d+) \| (\d+) \| (\d+) \| (\d+):/)
        #expect(faces.count > 1)
        #expect(faces.compactMap { Int($0.3) }.reduce(0, +) == 4 && faces.compactMap { Int($0.4) }.reduce(0, +) == 1)
    }

    @Test(arguments: [
        ("attacks halfPrint", "halfPrint is one word too many"), ("simulate impostor", "impostor is one word too many"),
        ("bench --peers --evidence", "--peers and --evidence are measured apart"), ("film", "a file name is missing"),
    ])
    func `words that mean nothing are refused`(words: String, answer: String) throws {
        let lab = Repository.programs.appending(path: "portraitlab").path
        let ending = try Program.run([lab] + words.split(separator: " ").map(String.init))
        #expect(ending.status == 64 && ending.errors.contains(answer), "\(ending.errors)")
    }

    @Test func `a trial of another version is refused`() throws {
        let trials = try trials(of: "halfPrint", "0,refer,lightNotChecked,9000,ppnuupu,1,30 20 -10 5 2 1 4 90\n")
        let refused = try measure("--stored", "--trials", trials, "--species", "halfPrint")
        #expect(refused.status == 65 && refused.errors.contains("cannot read: 0,refer"), "\(refused.errors)")
    }

    @Test func `trials of other sources are told, and none added to them`() throws {
        let origin = "sources 123, model pack 456; first played by commit 789 on a processor"
        let table = "0,refer,lightNotChecked,9000,ppnuupu,1,30 20 -10 5 2 1 4 90 -500 -700\n0,verified,,9000,pppuu"
        let trials = try trials(of: "halfPrint", table, origin: origin)
        let report = folder + "/report.md"
        let told = try summaries(
            measure("--json", "--stored", "--trials", trials, "--species", "halfPrint", "--report", report))
        #expect(told.count == 1 && told[0].trials == 1 && told[0].verified.count == 0)
        #expect(try String(contentsOfFile: report, encoding: .utf8).contains(origin))
        let refused = try measure("--trials", trials, "--species", "halfPrint")
        #expect(refused.status == 65 && refused.errors.contains("but these are sources"), "\(refused.errors)")
        let missing = try measure("--stored", "--trials", trials + "-misspelt")
        #expect(missing.status == 66 && missing.errors.contains("has no trials"), "\(missing.errors)")
        let unmade = try measure("--trials", trials + "-misspelt", "--species", "halfPrint")
        #expect(unmade.status == 66 && unmade.errors.contains("is no folder"), "\(unmade.errors)")
        #expect(!FileManager.default.fileExists(atPath: trials + "-misspelt"))
    }

    @Test func `clips are judged without a challenge, and one that cannot be read is named`() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let lab = Repository.programs.appending(path: "portraitlab").path
        let film = try Program.run([lab, "film", "--pack", TestPack.folder, "--seed", "0", folder + "/live.mjpeg"])
        try #require(film.status == 0, "\(film.errors)")
        try Data("no clip".utf8).write(to: URL(filePath: folder + "/broken.mjpeg"))
        let labels = #"""
            [{"file": "broken.mjpeg", "label": "attack", "species": "phone"}, {"file": "live.mjpeg", "label": "live"}]
            """#
        try Data(labels.utf8).write(to: URL(filePath: folder + "/labels.json"))
        let ending = try Program.run([
            lab, "attacks", "--json", "--pack", TestPack.folder, "--clips", folder, "--labels", folder + "/labels.json",
        ])
        struct Clip: Decodable {
            let file: String
            let label: String
            let decision: String
            let cues: [String: String]
        }
        struct Summary: Decodable {
            struct Rate: Decodable { let clips: Int }
            let live: Rate
            let attacks: [String: Rate]
        }
        let lines = ending.output.split(separator: "\n").map { Data($0.utf8) }
        try #require(lines.count == 2, "\(ending.output) \(ending.errors)")
        let clip = try JSONDecoder().decode(Clip.self, from: lines[0])
        #expect(clip.file == "live.mjpeg" && clip.label == "live" && clip.decision != "attack")
        #expect(clip.cues["injection"] == "notChecked" && clip.cues["continuity"] == "notChecked")
        let summary = try JSONDecoder().decode(Summary.self, from: lines[1])
        #expect(summary.live.clips == 1 && summary.attacks.isEmpty)
        #expect(ending.status == 65 && ending.errors.contains("broken.mjpeg"), "\(ending.errors)")
    }

    @Test func `an unknown species is named, with those that there are`() throws {
        let ending = try measure("--species", "puppet")
        #expect(ending.status == 64)
        #expect(ending.errors.contains("puppet is no species") && ending.errors.contains("movedPrint"))
    }
}
