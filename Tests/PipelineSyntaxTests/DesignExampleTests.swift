import PipelineSyntax
import RunnerCore
import Testing

@Suite struct DesignExampleTests {
    private let result = PipelineParser.parse(file: "pipelines/ci.yml", bytes: Array(designExample.utf8))

    @Test func `the file of the design has no findings`() {
        #expect(result.diagnostics.map(\.description) == [])
        #expect(result.pipeline != nil)
    }

    @Test func `its triggers, variables and group become values`() throws {
        let pipeline = try #require(result.pipeline)
        #expect(pipeline.name == "ci")
        #expect(pipeline.file == "pipelines/ci.yml")
        #expect(pipeline.triggers.branches == PatternList(["develop", "feature/**", "!feature/wip-*"]))
        #expect(pipeline.triggers.paths == PatternList(["Sources/**", "Package.swift"]))
        #expect(pipeline.env.map(\.name) == ["LANG"])
        #expect(pipeline.env.map(\.value.source) == ["C.UTF-8"])
        #expect(pipeline.concurrency?.group.source == "ci-${{ ref.name }}")
        #expect(pipeline.concurrency?.policy == .cancelOlder)
    }

    @Test func `its stages keep the order of the file`() throws {
        let pipeline = try #require(result.pipeline)
        #expect(pipeline.stages.map(\.name) == ["lint", "test", "package", "staging"])
        #expect(pipeline.finally.map(\.name) == ["report"])
        #expect(pipeline.finally.first?.neededOutcomes == [.failed])
        #expect(pipeline.stages.last?.work == .deploy(DeployRequest(environment: "staging", artifact: "app")))
        #expect(pipeline.stages.first?.location == SourceLocation(file: "pipelines/ci.yml", line: 9, column: 3))
    }

    @Test func `every key of its test stage becomes a value`() throws {
        let test = try #require(result.pipeline?.stages.first { $0.name == "test" })
        #expect(test.matrix == Matrix(axes: [Matrix.Axis(name: "database", values: ["sqlite", "postgres"])]))
        #expect(test.image?.source == "docker.io/library/swift:6.3")
        #expect(test.services.map(\.ready) == ["pg_isready"])
        #expect(test.services.first?.condition != nil)
        #expect(test.resources == Resources(cpu: 2, memory: 4 << 30, disk: 10 << 30))
        #expect(test.timeout == .seconds(1_800))
        #expect(test.retry == Retry(attempts: 2, outcomes: [.timedOut, .errored]))
        #expect(test.caches.map(\.paths) == [[".build"]])
        #expect(test.caches.first?.fallback.map(\.source) == ["swiftpm-"])
        #expect(test.reports == [ReportDefinition(kind: .junit, paths: PatternList(["results*.xml"]))])
        #expect(test.reuse?.inputs?.sources.count == 3)
    }
}
