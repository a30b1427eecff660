import FoundationEssentials
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct ProvenanceStoreTests {
    private let fixture: StateFixture

    init() async throws { fixture = try await StateFixture() }

    private func statement(about artifact: Digest) -> ProvenanceStatement {
        ProvenanceStatement(
            subject: [.init(name: "/app", digest: ["sha256": artifact.description])],
            predicate: .init(
                .init(
                    externalParameters: .init(
                        repository: "web",
                        ref: "refs/heads/main",
                        pipeline: "ci",
                        file: "pipelines/ci.yml",
                        stage: "build",
                        artifact: "app",
                        matrix: [:],
                        inputs: [:]
                    ),
                    internalParameters: .init(
                        isolation: "sandbox",
                        platform: "linux/amd64",
                        steps: .sha256("steps"),
                        environment: [],
                        secrets: []
                    ),
                    resolvedDependencies: []
                ),
                .init(
                    builder: .init(id: "urn:runner:test"),
                    metadata: .init(invocationId: "1", startedOn: "", finishedOn: ""),
                    byproducts: []
                )
            )
        )
    }

    @Test func `a statement goes with the artifact that it is about, and not before`() async throws {
        let state = fixture.state
        let files = try fixture.scratch.directory("files", ["app": "bytes"])
        let definition = ArtifactDefinition(name: "app", paths: PatternList(["**"]))
        let kept = try #require(try ArtifactStore(state.artifacts).save(definition, from: files))
        let store = ProvenanceStore(state)
        let stays = try store.save(statement(about: kept.digest))
        let goes = try store.save(statement(about: .sha256("another")))
        #expect(try store.prune() == 1)
        #expect(try store.read(stays) != nil && store.read(goes) == nil)
        let options = ServerOptions(budgets: [.artifacts: .init(size: 0)], minimumFree: 0)
        _ = try await Eviction(state, fixture.database, options).run(isDryRun: false)
        #expect(try store.read(stays) == nil)
    }

    @Test func `a statement that was changed is not read`() throws {
        let store = ProvenanceStore(fixture.state)
        let digest = try store.save(statement(about: .sha256("x")))
        let path = fixture.state.artifacts.appending("provenance").appending("\(digest).json")
        try FileSystem.write(Array("{}".utf8), to: path)
        #expect(try store.read(digest) == nil)
        #expect(try store.prune() == 0)
    }
}
