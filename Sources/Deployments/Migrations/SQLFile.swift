import RunnerStore

/// A migration as files: `0007_add_email.sql`, or `0007_add_email.up.sql` with `0007_add_email.down.sql` beside it.
struct SQLFile: Sendable, Hashable {
    /// `0007_add_email`.
    let id: MigrationID
    let name: String
    let text: String
    let marks: MigrationMarks
    /// The way back; `nil` where there is none.
    let down: String?

    var checksum: String { Digest.sha256(text).description }
    var isReversible: Bool { down != nil }
}
