import FoundationEssentials
import SystemPackage
import Testing

/// Builds with real tools and a cache: quick, because nothing is done twice, and right, because nothing is stale.
@Suite struct IncrementalBuildTests {
    /// How a build went.
    private struct End {
        let outcome: String
        /// What the tool did, by its own words.
        let work: [String]
        let printed: String
        let log: String
    }

    @Test(arguments: [IncrementalProject.make, .folder, .cmake, .cargo, .swiftPM])
    func `a build does what changed, and nothing when nothing did`(_ project: IncrementalProject) async throws {
        try await build(project, isolation: "required")
    }

    /// Not for tools that keep absolute paths: only in a sandbox the workspace is always at the same one.
    @Test(arguments: [IncrementalProject.make, .cargo])
    func `it does so without a sandbox, too`(_ project: IncrementalProject) async throws {
        try await build(project, isolation: "none")
    }

    private func build(_ project: IncrementalProject, isolation: String) async throws {
        let fixture = try await RunnerFixture(try project.files())
        try await fixture.git("tag", "base")
        for build in project.builds {
            check(try await run(build, of: project, isolation: isolation, in: fixture), build)
            if build.prints == nil { continue }
            let again = IncrementalProject.Build(
                name: build.name + ", again",
                arguments: build.arguments,
                does: [],
                prints: build.prints
            )
            check(try await run(again, of: project, isolation: isolation, in: fixture), again)
        }
    }

    private func run(
        _ build: IncrementalProject.Build,
        of project: IncrementalProject,
        isolation: String,
        in fixture: RunnerFixture
    ) async throws -> End {
        let change = try await fixture.execute("/bin/sh", ["-e", "-c", build.change])
        try #require(change.status == 0, "\(build.name): \(change.errors)")
        let arguments = ["local", "--json", "--isolation", isolation] + build.arguments
        let end = try await fixture.execute(RunnerFixture.program.string, arguments)
        let document = try JSONDecoder().decode(LocalDocument.self, from: Data(end.output.utf8))
        let stage = try #require(document.stages.first, "\(build.name): \(end.errors)")
        let logs = try stage.log.map { try String(contentsOfFile: $0, encoding: .utf8) }
        let log = try #require(logs.first, "\(build.name): \(stage.reason ?? "")")
        return End(
            outcome: stage.outcome,
            work: log.split(separator: "\n").compactMap(project.work),
            printed: logs.count > 1 ? logs[1] : "",
            log: log
        )
    }

    private func check(_ end: End, _ build: IncrementalProject.Build) {
        let comment = "\(build.name): \(end.log.suffix(4000))"
        #expect(end.outcome == (build.prints == nil ? "failed" : "succeeded"), "\(comment)")
        #expect(end.work.sorted() == build.does.sorted(), "\(comment)")
        if let prints = build.prints { #expect(end.printed == prints + "\n", "\(comment)") }
    }
}
