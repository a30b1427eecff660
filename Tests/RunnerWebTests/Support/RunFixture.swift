import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// A run in the database and on disk, as a supervisor would write it, piece by piece.
struct RunFixture {
    let engine: ScriptedEngine
    let number: RunNumber
    let directory: RunDirectory

    static let stageName = StageID("test (sqlite)")

    var stage: StageDirectory { directory.stage(Self.stageName) }

    /// Running, with its files made.
    init(_ engine: ScriptedEngine, repository: String = "web") async throws {
        self.engine = engine
        let record = try await engine.database.put(
            RepositoryDefinition(name: repository, url: "https://ada:secret@example.com/\(repository).git"),
            origin: .added
        )
        number = try await engine.database.add(NewRun(plan: Self.plan(), cause: "branch develop"), of: record.id)
        directory = RunDirectory(engine.state.runs.appending(number.description), number: number)
        _ = try await engine.database.start(number)
    }

    static func plan() throws -> Plan {
        let tree = try require(ObjectID("4b825dc642cb6eb9a060e54bf8d69288fbee4904"))
        let definition = StageDefinition(
            name: "test",
            location: SourceLocation(file: "pipelines/ci.yml", line: 3, column: 3),
            work: .steps([
                StepDefinition(name: "unit", run: "make test"), StepDefinition(name: "style", run: "make lint"),
            ])
        )
        return Plan(
            pipeline: "ci",
            file: "pipelines/ci.yml",
            event: RunEvent(
                kind: .push,
                ref: "refs/heads/develop",
                commit: tree,
                tree: tree,
                isWorkingTree: false,
                message: "Do it",
                author: "Ada"
            ),
            reason: "branch develop",
            concurrencyGroup: "ci/develop",
            concurrencyPolicy: .queue,
            stages: [PlannedStage(id: stageName, definition: definition, verdict: .runs("branch develop"))]
        )
    }

    func makeStage() throws { try FileSystem.makeDirectories(stage.path) }

    func record(_ happening: RunRecord.Happening) throws {
        try FileSystem.makeDirectories(directory.path)
        let journal = try Journal(directory.events)
        journal.record(
            RunRecord(stage: Self.stageName, happening),
            copy: FileSystem.exists(stage.path) ? stage.events : nil
        )
    }

    func startStep(_ index: Int = 0, name: String = "unit") throws {
        try makeStage()
        try record(.stepStarted(index: index, name: name, log: log(index, name).lastComponent?.string ?? ""))
        try append([], step: index, name: name)
    }

    func append(_ text: String, step: Int = 0) throws { try append(Array(text.utf8), step: step) }

    func append(_ bytes: [UInt8], step: Int = 0, name: String = "unit") throws {
        let fd = open(log(step, name).string, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        defer { close(fd) }
        _ = bytes.withUnsafeBytes { FileSystem.writeAll($0, to: fd) }
    }

    func endStep(_ index: Int = 0, _ outcome: Outcome = .succeeded) throws {
        try record(.stepFinished(index: index, name: "unit", outcome: outcome, exitCode: 0, seconds: 0.5))
    }

    /// The end of the stage and the run, on disk and in the database.
    func finish(_ outcome: Outcome = .succeeded) async throws {
        try makeStage()
        var result = StageResult(stage: Self.stageName, outcome: outcome, startedAt: Date())
        result.steps = [StepResult(name: "unit", outcome: outcome, exitCode: 0, seconds: 0.5, log: "01-unit.log")]
        result.outputs = ["version": "1"]
        try record(.stageFinished(result))
        try record(.runFinished(outcome))
        try JSON.write(result, to: stage.result)
        let end = RunResult(
            number: number,
            outcome: outcome,
            reason: nil,
            startedAt: Date(),
            seconds: 1,
            stages: [result],
            peakKibibytes: 1
        )
        try JSON.write(end, to: directory.result)
        try await engine.database.finish(number, with: end)
        engine.changes.notify()
    }

    private func log(_ index: Int, _ name: String) -> FilePath { stage.log(step: index, name: name) }
}

func require<T>(_ value: T?, _ what: String = "a value") throws -> T {
    guard let value else { throw TestFailure(description: "there is no \(what)") }
    return value
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
}
