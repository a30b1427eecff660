import FoundationEssentials
import Git
import RunnerCore
import SystemPackage

@testable import RunnerStore

/// A whole state directory: a database with runs, and what they left.
struct StateFixture: Sendable {
    let scratch: Scratch
    let state: StateDirectory
    let database: RunnerDatabase
    let web: RepositoryID

    init() async throws {
        scratch = try Scratch()
        state = StateDirectory(scratch.path.appending("state"))
        try state.prepare()
        database = try RunnerDatabase(at: state.database)
        web = try await database.put(RepositoryDefinition(name: "web", url: "/srv/web"), origin: .added).id
    }

    /// A run that goes on, with its directory.
    func begin(_ ref: String = "refs/heads/develop") async throws -> RunNumber {
        let run = try await database.add(DatabaseFixture.run(ref: ref), of: web)
        _ = try await database.start(run)
        try scratch.write("", to: state.run(run).lock)
        try scratch.write("{}\n", to: state.run(run).events)
        return run
    }

    /// A run that has ended, with its result, a log and, where files are given, an artifact.
    @discardableResult
    func finish(artifact files: [String: String] = [:], keep: Duration? = nil) async throws -> RunNumber {
        let run = try await begin()
        var result = DatabaseFixture.result(run, .succeeded, stages: [("test", .succeeded)])
        let stage = state.run(run).stage("test")
        try scratch.write("hello\n", to: stage.log(step: 0, name: "unit"))
        if !files.isEmpty {
            let workspace = try scratch.directory(UniqueName.make(), files)
            let definition = ArtifactDefinition(name: "app", paths: PatternList(["**"]), keep: keep)
            if let reference = try ArtifactStore(state.artifacts).save(definition, from: workspace) {
                result.stages[0].artifacts = [reference]
            }
            var spec = StageSpec(
                run: run,
                stage: "test",
                attempt: 1,
                steps: [],
                environment: [:],
                context: [:],
                secrets: [],
                tree: .emptyTree,
                layers: [],
                network: .host,
                timeout: .seconds(1),
                grace: .seconds(1)
            )
            spec.artifacts = [definition]
            try JSON.write(spec, to: stage.spec)
        }
        try JSON.write(result.stages[0], to: stage.result)
        try JSON.write(result, to: state.run(run).result)
        try await database.finish(run, with: result)
        return run
    }

    /// Everything below a directory, by path.
    static func contents(_ root: FilePath) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        try DirectoryWalk.visit(root) { entry in
            if entry.kind == .file {
                contents[String(decoding: entry.name, as: UTF8.self)] = try FileSystem.read(entry.path(below: root))
            }
            return true
        }
        return contents
    }
}
