import Configuration
import Settings

/// The text of a settings file.
struct ConfigurationTarget: FuzzTarget {
    static let name = "configuration"
    static let longest = 16 << 10

    static var seeds: [[UInt8]] {
        [
            "# c\n[Log]\nMaximumSize=1G\nRetention=30d\n\n[Limits]\nFailedTriesPerHour=7\nPauseAfterFailure=1500ms\n",
            Policy().canonicalText + "[Policy a]\nSteps=turnLeft blink\nStepCount=2-2\nLight=no\nTimeLimit=30s\n",
            "[Policy default]\r\nTemplate=yes\r\nTemplateKey=/etc/key\r\nTries=3\r\n",
        ].map { Array($0.utf8) }
    }

    func run(_ bytes: [UInt8]) {
        do throws(SettingsFaults) {
            let configuration = try Configuration(files: [SettingsFile(name: "a.conf", text: bytes)])
            let text = configuration.policies.map(\.canonicalText).joined()
            let again = try? Configuration(files: [SettingsFile(name: "b.conf", text: Array(text.utf8))])
            precondition(again?.policies == configuration.policies, "a canonical text says the same")
        } catch {
            precondition(!error.all.isEmpty && !error.description.isEmpty, "a fault says what is wrong")
        }
    }
}
