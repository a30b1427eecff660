/// A backup that there is, as it was made.
package struct BackupMade: Sendable, Hashable, Codable {
    package enum Place: Sendable, Hashable, Codable {
        /// A file of that name in the directory of the backups; `digest` is its SHA-256 as 64 hex digits.
        case file(bytes: Int64, digest: String)
        /// Elsewhere, where only the scripts find it.
        case handle(String)
    }

    /// Also the name of its file.
    package var id: String
    package var place: Place
    /// What it took to make it.
    package var seconds: Double

    package init(id: String, place: Place, seconds: Double) {
        self.id = id
        self.place = place
        self.seconds = seconds
    }
}
