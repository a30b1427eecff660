import RunnerCore

/// What `alembic history --verbose` prints: a block per revision, the newest first.
struct AlembicHistory: Sendable, Hashable {
    struct Revision: Sendable, Hashable {
        var id: String
        var parents: [String] = []
        var marks: MigrationMarks
    }

    /// Oldest first.
    let revisions: [Revision]

    init(_ text: String) throws(RunnerError) {
        var blocks: [[Substring]] = []
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.hasPrefix("Rev: ") {
                blocks.append([line])
            } else if !blocks.isEmpty {
                blocks[blocks.count - 1].append(line)
            }
        }
        var revisions: [Revision] = []
        for block in blocks.reversed() { revisions.append(try Self.revision(block)) }
        self.revisions = revisions
    }

    /// `current` is what `alembic current` prints: a line for each revision that the database is at.
    func migrations(current: String) throws(RunnerError) -> [Migration] {
        var open = current.split(whereSeparator: \.isNewline).compactMap { $0.split(separator: " ").first }
            .map(String.init)
        var applied: Set<String> = []
        while let id = open.popLast() {
            guard let revision = revisions.first(where: { $0.id == id }) else {
                throw RunnerError(
                    .errored,
                    "cannot tell what was migrated",
                    why: "the database is at revision \(id.quoted), which this release does not have"
                )
            }
            if applied.insert(id).inserted { open += revision.parents }
        }
        return revisions.map { revision in
            Migration(
                id: revision.id,
                kind: revision.marks.kind,
                isReversible: !revision.marks.isIrreversible,
                isApplied: applied.contains(revision.id)
            )
        }
    }

    /// Its own lines begin at the margin, the file's text is set in.
    private static func revision(_ block: [Substring]) throws(RunnerError) -> Revision {
        let fields = block.filter { $0.first?.isWhitespace == false }
        func values(_ name: String) -> [String] {
            guard let line = fields.first(where: { $0.hasPrefix("\(name): ") }) else { return [] }
            return line.dropFirst(name.count + 2).split { $0 == "," || $0 == " " }.map(String.init)
        }
        let id = values("Rev").first ?? ""
        do {
            let marks = try MigrationMarks(block.filter { $0.first?.isWhitespace == true })
            let parents = values("Parent") + values("Merges")
            return Revision(id: id, parents: parents.filter { $0 != "<base>" }, marks: marks)
        } catch {
            throw RunnerError(
                .input,
                "cannot read the migrations",
                why: "revision `\(id)` says `runner:`, and \(error.message)",
                hint: error.hint
            )
        }
    }
}
