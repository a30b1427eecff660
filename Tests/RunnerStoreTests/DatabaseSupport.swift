import FoundationEssentials
import Git
import RunnerCore
import SystemPackage

@testable import RunnerStore

/// A database in a directory that goes with the test, and short ways to fill it.
struct DatabaseFixture {
    let scratch: Scratch
    let database: RunnerDatabase

    var path: FilePath { scratch.path.appending("runner.db") }

    init() throws {
        scratch = try Scratch()
        database = try RunnerDatabase(at: scratch.path.appending("runner.db"))
    }

    /// A second connection, as another process has.
    func another() throws -> RunnerDatabase { try RunnerDatabase(at: path) }

    func repository(_ name: String = "web") async throws -> RepositoryID {
        try await database.put(RepositoryDefinition(name: name, url: "/srv/\(name)"), origin: .added).id
    }

    static let commit = ObjectID(String(repeating: "ab", count: 20)) ?? .emptyTree

    static func plan(
        _ pipeline: String = "ci",
        ref: String = "refs/heads/develop",
        group: String? = nil,
        stages: [String] = ["test", "package"]
    ) -> Plan {
        let event = RunEvent(
            kind: .push,
            ref: ref,
            commit: commit,
            tree: .emptyTree,
            isWorkingTree: false,
            message: "Add parser",
            author: "Ada"
        )
        let location = SourceLocation(file: "pipelines/ci.yml", line: 1, column: 1)
        return Plan(
            pipeline: pipeline,
            file: "pipelines/\(pipeline).yml",
            event: event,
            reason: "named",
            concurrencyGroup: group,
            concurrencyPolicy: group.map { _ in .queue },
            stages: stages.map { name in
                PlannedStage(
                    id: StageID(name),
                    definition: StageDefinition(name: name, location: location, work: .steps([])),
                    verdict: .runs("named")
                )
            }
        )
    }

    static func run(_ pipeline: String = "ci", group: String? = nil, ref: String = "refs/heads/develop") -> NewRun {
        NewRun(plan: plan(pipeline, ref: ref, group: group), cause: "by ada")
    }

    /// A branch that appeared.
    static func created(_ ref: String) -> RefChange {
        RefChange(ref: ref, kind: .created, old: nil, new: RefTarget(object: commit, commit: commit))
    }

    static func result(
        _ run: RunNumber,
        _ outcome: Outcome,
        stages: [(String, Outcome)] = [],
        reason: String? = nil
    ) -> RunResult {
        RunResult(
            number: run,
            outcome: outcome,
            reason: reason,
            startedAt: Date(),
            seconds: 1,
            stages: stages.map { StageResult(stage: StageID($0), outcome: $1, startedAt: Date()) },
            peakKibibytes: 1
        )
    }
}
