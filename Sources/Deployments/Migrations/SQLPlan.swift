import RunnerCore

/// A migration as the database remembers it.
struct AppliedSQL: Sendable, Hashable {
    let id: MigrationID
    let checksum: String
    let kind: Migration.Kind
    /// True: the database keeps the way back.
    let isReversible: Bool
    /// Of the release that brought it.
    let version: String?
}

/// What there is to do, from what a release has and what the database had.
struct SQLPlan: Sendable, Hashable {
    let files: [SQLFile]
    /// In their order.
    let applied: [AppliedSQL]

    init(files: [SQLFile], applied: [AppliedSQL]) {
        self.files = files
        self.applied = applied.sorted { $0.id < $1.id }
    }

    /// The files to apply, in their order. Throws where what was applied and what is there do not fit.
    func pending() throws(RunnerError) -> [SQLFile] {
        let known = Set(applied.map(\.id))
        let pending = files.filter { !known.contains($0.id) }
        let problems = edited() + missing(pending) + misplaced(pending)
        guard problems.isEmpty else {
            throw RunnerError(
                .input,
                "cannot migrate: the files do not fit what was applied",
                why: problems.map(\.what).joined(separator: "; "),
                hint: problems.first?.hint
            )
        }
        return pending
    }

    /// What is taken back to come to `id`, newest first; `nil` means all of it.
    func after(_ id: String?) throws(RunnerError) -> [AppliedSQL] {
        guard let id else { return applied.reversed() }
        guard let index = applied.firstIndex(where: { $0.id.description == id }) else {
            throw RunnerError(
                .input,
                "cannot go back to migration \(id.quoted)",
                why: "it is not applied",
                hint: DidYouMean.hint(for: id, among: applied.map(\.id.description))
            )
        }
        let taken = Array(applied[(index + 1)...].reversed())
        let final = taken.filter { !$0.isReversible }.map { "`\($0.id)`" }
        guard final.isEmpty else {
            throw RunnerError(
                .errored,
                "cannot go back to migration \(id.quoted)",
                why: "there is no way back from \(final.joined(separator: ", "))",
                hint: "restore a backup that is older than it"
            )
        }
        return taken
    }

    func migrations() -> [Migration] {
        let known = Set(applied.map(\.id))
        let ofFiles = files.filter { !known.contains($0.id) }.map { file in
            let description = file.id.description
            let migration = Migration(
                id: description,
                checksum: file.checksum,
                kind: file.marks.kind,
                isReversible: file.isReversible,
                isApplied: false
            )
            return (file.id, migration)
        }
        let ofDatabase = applied.map { applied in
            let migration = Migration(
                id: applied.id.description,
                checksum: applied.checksum,
                kind: applied.kind,
                isReversible: applied.isReversible,
                isApplied: true
            )
            return (applied.id, migration)
        }
        return (ofFiles + ofDatabase).sorted { $0.0 < $1.0 }.map(\.1)
    }

    private typealias Problem = (what: String, hint: String)

    private func edited() -> [Problem] {
        applied.compactMap { applied in
            guard let file = files.first(where: { $0.id == applied.id }), file.checksum != applied.checksum else {
                return nil
            }
            return (
                "`\(file.name)` was changed after it had been applied",
                "put it back as it was, and make the change in a new migration"
            )
        }
    }

    /// A release from before may lack the newest, as after a rollback that left them; nothing else may be lacking.
    private func missing(_ pending: [SQLFile]) -> [Problem] {
        let newest = files.last?.id.number ?? 0
        return applied.compactMap { applied in
            guard !files.contains(where: { $0.id == applied.id }) else { return nil }
            guard !pending.isEmpty || applied.id.number <= newest else { return nil }
            return (
                "`\(applied.id)` was applied" + (applied.version.map { " by \($0)" } ?? "") + " and has no file here",
                "bring it into this release, as by a merge of the one that has it"
            )
        }
    }

    private func misplaced(_ pending: [SQLFile]) -> [Problem] {
        guard let newest = applied.last?.id else { return [] }
        return pending.filter { $0.id.number <= newest.number }.map { file in
            (
                "`\(file.id)` is new, and `\(newest)` was applied already, which comes after it",
                "give it a number above \(newest.number)"
            )
        }
    }
}
