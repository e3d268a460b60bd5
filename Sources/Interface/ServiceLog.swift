/// The types of `io.portraitd.Service`, as Codable values.
package enum ServiceLog {
    package struct ReadLogInput: Codable, Hashable, Sendable {
        package var cursor: String?

        package init(cursor: String?) { self.cursor = cursor }
    }

    package struct ReadLogOutput: Codable, Hashable, Sendable {
        package var records: [String]
        package var cursor: String?

        package init(records: [String], cursor: String?) {
            self.records = records
            self.cursor = cursor
        }
    }
}
