package import FoundationEssentials
package import Git
package import RunnerCore
import SystemPackage

/// Which artifacts the pipelines of a repository made of a tree, so that others take them instead of building again.
///
///     promotions/ab/DIGEST.json    by repository, pipeline, tree and trust (Record); names never become paths
///     promotions/lock              held while a record is changed
package struct PromotionStore: Sendable {
    private let state: StateDirectory

    package init(_ state: StateDirectory) { self.state = state }

    /// What runs of one trust made, the newest of each name.
    package struct Record: Codable, Sendable {
        package var version = 1
        package var repository: String
        package var pipeline: String
        package var tree: ObjectID
        package var trust: RefTrust
        package var artifacts: [String: Entry]
    }

    /// An artifact of one name: of a matrix, what each cell made.
    package struct Entry: Codable, Sendable {
        package var run: RunNumber
        package var ref: String
        package var finishedAt: Date
        package var sources: [TakenArtifact]
    }

    // MARK: - Recording

    /// Writes down what a run made, where it succeeded. A name that a newer run has made stays with that run.
    package func record(_ result: RunResult, of run: RunSpec) throws {
        guard result.outcome == .succeeded else { return }
        let made = sources(result, run.plan)
        guard !made.isEmpty else { return }
        let path = path(run.repository, run.plan.pipeline, run.plan.event.tree, run.trust ?? .ordinary)
        try FileSystem.makeDirectories(path.removingLastComponent())
        let lock = try FileLock(root.appending("lock"), wait: true)
        defer { withExtendedLifetime(lock) {} }
        var record =
            try JSON.recall(Record.self, at: path)
            ?? Record(
                repository: run.repository,
                pipeline: run.plan.pipeline,
                tree: run.plan.event.tree,
                trust: run.trust ?? .ordinary,
                artifacts: [:]
            )
        let finishedAt = result.startedAt.addingTimeInterval(result.seconds)
        for (name, sources) in made where record.artifacts[name].map({ $0.run < run.number }) ?? true {
            record.artifacts[name] = Entry(
                run: run.number,
                ref: run.plan.event.ref,
                finishedAt: finishedAt,
                sources: sources
            )
        }
        try JSON.write(record, to: path, durable: true)
    }

    /// By name. A run of some cells of a matrix does not stand for all of them.
    private func sources(_ result: RunResult, _ plan: Plan) -> [String: [TakenArtifact]] {
        let stages = plan.stages + plan.finally
        let cells = Dictionary(grouping: stages, by: \.definition.name)
        let parts = stages.filter { stage in
            guard let matrix = stage.definition.matrix else { return false }
            return cells[stage.definition.name]?.count != matrix.cellCount
        }
        let partly = Set(parts.map(\.id))
        var made: [String: [TakenArtifact]] = [:]
        for stage in result.stages where stage.outcome == .succeeded && !partly.contains(stage.stage) {
            for reference in stage.artifacts {
                let source = TakenArtifact(stage: stage.stage, reference: reference, pipeline: plan.pipeline)
                made[reference.name, default: []].append(source)
            }
        }
        return made
    }

    // MARK: - Taking

    /// The artifact that a stage of a run takes: one of each stage that made it. Throws, with what there is, where no run
    /// has made it that this run may take from.
    package func take(_ need: NeededArtifact, for run: RunSpec) throws -> [TakenArtifact] {
        guard let entry = try find(need, repository: run.repository, tree: run.plan.event.tree, run.trust) else {
            throw try missing(need, for: run)
        }
        return entry.sources.map { source in
            var taken = source
            taken.reference = source.reference.withoutProvenance
            taken.reference.name = need.place
            return taken
        }
    }

    /// What a run of a trust would take; `nil` where there is nothing.
    package func find(
        _ need: NeededArtifact,
        repository: String,
        tree: ObjectID,
        _ trust: RefTrust?
    ) throws -> Entry? {
        let records = try (trust ?? .ordinary).readable.compactMap { trust in
            try record(repository, need.pipeline, tree, trust)
        }
        return records.compactMap { $0.artifacts[need.name] }.filter(isThere).max { $0.run < $1.run }
    }

    private func record(_ repository: String, _ pipeline: String, _ tree: ObjectID, _ trust: RefTrust) throws -> Record?
    {
        guard let record = try JSON.recall(Record.self, at: path(repository, pipeline, tree, trust)) else { return nil }
        // The name of the file is a digest of these: others are nobody's.
        guard (record.repository, record.pipeline) == (repository, pipeline), record.tree == tree, record.trust == trust
        else { return nil }
        return record
    }

    private func isThere(_ entry: Entry) -> Bool {
        let store = ArtifactStore(state.artifacts)
        return entry.sources.allSatisfy { FileSystem.exists(store.manifestPath($0.reference.digest)) }
    }

    private func missing(_ need: NeededArtifact, for run: RunSpec) throws -> RunnerError {
        let event = run.plan.event
        let own = run.trust ?? .ordinary
        var names: [String] = []
        var why = "no run of `\(need.pipeline)` has succeeded on this tree"
        for trust in RefTrust.allCases.sorted(by: >) {
            guard let record = try record(run.repository, need.pipeline, event.tree, trust) else { continue }
            if own.readable.contains(trust) { names += record.artifacts.keys.sorted() }
            guard let entry = record.artifacts[need.name] else { continue }
            why =
                isThere(entry)
                ? "run \(entry.run) of `\(entry.ref)` made it, and that ref is not trusted as much as `\(event.ref)`"
                : "run \(entry.run) made it, and it was cleaned up since"
        }
        if !names.isEmpty, !names.contains(need.name) {
            why = "it has \(Set(names).sorted().map { "`\($0)`" }.joined(separator: ", "))"
            if let near = DidYouMean.hint(for: need.name, among: names) { why += "; \(near)" }
        }
        return RunnerError(
            .input,
            "no succeeded run of `\(need.pipeline)` on tree \(event.tree.short) has artifact `\(need.name)`",
            why: why,
            hint: run.isGranted
                ? "runner run \(need.pipeline) --ref \(event.shortRef)" : "runner local --pipeline \(need.pipeline)"
        )
    }

    // MARK: - Upkeep

    /// Forgets entries whose artifacts are gone, and records without entries. Returns how many entries went.
    package func prune() throws -> Int {
        let paths = try paths()
        guard !paths.isEmpty else { return 0 }
        let lock = try FileLock(root.appending("lock"), wait: true)
        defer { withExtendedLifetime(lock) {} }
        var forgotten = 0
        for path in paths {
            guard var record = try JSON.recall(Record.self, at: path) else { continue }
            let left = record.artifacts.filter { isThere($0.value) }
            guard left.count < record.artifacts.count else { continue }
            forgotten += record.artifacts.count - left.count
            record.artifacts = left
            if left.isEmpty {
                try TreeRemoval.remove(path)
            } else {
                try JSON.write(record, to: path, durable: true)
            }
        }
        return forgotten
    }

    private func paths() throws -> [FilePath] {
        FileSystem.names(in: root).filter { $0.utf8.count == 2 }.flatMap { part in
            FileSystem.names(in: root.appending(part)).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
                .map { root.appending(part).appending($0) }
        }
    }

    private var root: FilePath { state.artifacts.appending("promotions") }

    private func path(_ repository: String, _ pipeline: String, _ tree: ObjectID, _ trust: RefTrust) -> FilePath {
        // Each part by its digest: no name can look like another name and the beginning of the next.
        let parts = [repository, pipeline, tree.description, trust.rawValue].map { Digest.sha256($0).description }
        let name = Digest.sha256(parts.joined(separator: "\n")).description
        return root.appending(String(name.prefix(2))).appending("\(name).json")
    }
}

extension ArtifactReference {
    /// As it goes into keys: the same files are the same work, whoever made them when.
    package var withoutProvenance: ArtifactReference {
        var reference = self
        reference.provenance = nil
        return reference
    }
}
