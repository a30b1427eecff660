import Git
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

@testable import RunnerExecution

/// A stage with everything that a key is made of, and ways to change each part of it.
private struct KeyedStage {
    var spec: StageSpec
    var run: RunSpec
    var definition = ReuseDefinition(inputs: PatternList(["src/**"]))
    var files: [TreeEntry]
    var versions = ["TOKEN": "v1"]
    var tools: [String: Digest] = ["cc --version": .sha256("cc 12")]

    init() throws {
        let location = SourceLocation(file: "pipelines/ci.yml", line: 3, column: 5)
        let number = try #require(RunNumber(7))
        let event = RunEvent(
            kind: .push,
            ref: "refs/heads/develop",
            commit: nil,
            tree: .emptyTree,
            isWorkingTree: false,
            message: "x",
            author: "a"
        )
        var step = StepDefinition(name: "unit", run: "make test")
        step.env = [Variable(name: "A", value: try Template.parse("${{ ref.name }}"))]
        let planned = PlannedStage(
            id: StageID("test"),
            definition: StageDefinition(name: "test", location: location, work: .steps([step])),
            verdict: .runs("")
        )
        run = RunSpec(
            number: number,
            repository: "web",
            objects: "/nowhere",
            plan: Plan(pipeline: "ci", file: location.file, event: event, reason: "", stages: [planned]),
            layers: [],
            isolation: .sandbox,
            isolationNote: nil,
            slots: 1,
            capacity: Resources(),
            searchPath: "/usr/bin",
            home: "/root",
            expose: [],
            hide: [],
            limits: StageLimits(),
            keepsFailedWorkspaces: false,
            reuses: true
        )
        spec = StageSpec(
            run: number,
            stage: StageID("test"),
            attempt: 1,
            steps: [step],
            environment: ["LANG": "C"],
            context: [
                "ref": .object(["name": .string("develop")]), "commit": .object(["id": .string("1")]),
                "needs": .object(["lint": .string("succeeded")]),
            ],
            secrets: ["TOKEN"],
            tree: .emptyTree,
            layers: [],
            network: .host,
            timeout: .seconds(60),
            grace: .seconds(1)
        )
        spec.takes = [TakenArtifact(stage: StageID("build"), reference: Self.artifact("app", "1"))]
        spec.artifacts = [ArtifactDefinition(name: "out", paths: PatternList(["out/**"]))]
        spec.reports = [ReportDefinition(kind: .junit, paths: PatternList(["*.xml"]))]
        spec.services = [ServiceSpec(name: "db", run: "postgres", ready: "pg_isready", environment: ["PORT": "1"])]
        files = try [Self.file("src/a.c", "a"), Self.file("src/b.c", "b"), Self.file("README.md", "c")]
    }

    static func artifact(_ name: String, _ content: String) -> ArtifactReference {
        ArtifactReference(name: name, digest: .sha256(content), files: 1, bytes: 1)
    }

    static func file(_ path: String, _ digit: String, _ mode: Git.FileMode = .regular) throws -> TreeEntry {
        let id = try #require(ObjectID(String(repeating: digit, count: 40)))
        return TreeEntry(path: TreePath(bytes: Array(path.utf8)), id: id, mode: mode)
    }

    var key: StageKey {
        StageKeyMaking(
            spec: spec,
            definition: definition,
            run: run,
            hash: TreeHash.function(over: files),
            secretVersions: versions,
            tools: tools
        ).make()
    }
}

@Suite struct StageKeyMakingTests {
    private typealias Change = (name: String, component: String, change: @Sendable (inout KeyedStage) throws -> Void)

    private static let changes: [Change] = [
        ("a step's script", "steps", { $0.spec.steps[0].run = "make check" }),
        ("a step's name", "steps", { $0.spec.steps[0].name = "other" }),
        ("a step's directory", "steps", { $0.spec.steps[0].directory = "web" }),
        (
            "a step's variable", "steps",
            { $0.spec.steps[0].env.append(Variable(name: "B", value: try Template.parse("b"))) }
        ),
        ("one more step", "steps", { $0.spec.steps.append(StepDefinition(name: "x", run: "x")) }),
        (
            "the order of steps", "steps",
            {
                $0.spec.steps.append(StepDefinition(name: "x", run: "x"))
                $0.spec.steps.reverse()
            }
        ),
        ("a variable's value", "environment", { $0.spec.environment["LANG"] = "de" }),
        ("a variable's name", "environment", { $0.spec.environment = ["LC_ALL": "C"] }),
        ("a file's content", "inputs", { $0.files[0] = try KeyedStage.file("src/a.c", "d") }),
        ("a file's mode", "inputs", { $0.files[0] = try KeyedStage.file("src/a.c", "a", .executable) }),
        ("a file's name", "inputs", { $0.files[0] = try KeyedStage.file("src/A.c", "a") }),
        ("a file deleted", "inputs", { $0.files.removeFirst() }),
        ("a file added", "inputs", { $0.files.append(try KeyedStage.file("src/c.c", "c")) }),
        ("the patterns of inputs", "inputs", { $0.definition.inputs = PatternList(["**"]) }),
        (
            "an artifact taken", "takes",
            {
                $0.spec.takes[0] = TakenArtifact(stage: StageID("build"), reference: KeyedStage.artifact("app", "2"))
            }
        ),
        ("the patterns of an artifact", "artifacts", { $0.spec.artifacts[0].paths = PatternList(["out/*"]) }),
        ("the files of a report", "reports", { $0.spec.reports[0].paths = PatternList(["x.xml"]) }),
        ("a service's program", "services", { $0.spec.services[0].run = "postgres -F" }),
        ("a service's check", "services", { $0.spec.services[0].ready = nil }),
        ("a service's variable", "services", { $0.spec.services[0].environment["PORT"] = "2" }),
        ("the network", "network", { $0.spec.network = .none }),
        ("the isolation", "isolation", { $0.run.isolation = .none }),
        ("the search path", "search-path", { $0.run.searchPath = "/opt/bin" }),
        ("a secret's version", "secrets", { $0.versions["TOKEN"] = "v2" }),
        ("a secret", "secrets", { $0.spec.secrets = [] }),
        ("a secret as a file", "secret-files", { $0.spec.secretFiles = ["TOKEN"] }),
        ("a tool", "tools", { $0.tools["cc --version"] = .sha256("cc 13") }),
        ("no tool", "tools", { $0.tools = [:] }),
        ("what a need came to", "needs", { $0.spec.context["needs"] = .object(["lint": .string("failed")]) }),
        ("a value that a step looks at", "seen", { $0.spec.context["ref"] = .object(["name": .string("main")]) }),
        ("the stage", "stage", { $0.spec.stage = StageID("other") }),
    ]

    @Test(arguments: changes.indices) func `a change of what counts changes the key, and nothing else of it`(
        _ index: Int
    ) throws {
        let (name, component, change) = Self.changes[index]
        let before = try KeyedStage()
        var after = before
        try change(&after)
        let known = Dictionary(uniqueKeysWithValues: before.key.components.map { ($0.name, $0.digest) })
        #expect(after.key.digest != before.key.digest, "\(name)")
        #expect(after.key.differences(from: known) == [component], "\(name)")
    }

    private static let indifferent: [(name: String, change: @Sendable (inout KeyedStage) throws -> Void)] = [
        ("the run's number", { $0.run.number = try #require(RunNumber(8)) }),
        ("the stage's run", { $0.spec.run = try #require(RunNumber(8)) }),
        ("the attempt", { $0.spec.attempt = 2 }),
        ("the time limit", { $0.spec.timeout = .seconds(1) }),
        ("the grace", { $0.spec.grace = .zero }),
        ("a step's time limit", { $0.spec.steps[0].timeout = .seconds(1) }),
        ("slots", { $0.run.slots = 9 }),
        ("capacity", { $0.run.capacity = Resources(cpu: 9) }),
        ("layers", { $0.spec.layers = ["/somewhere"] }),
        ("caches", { $0.spec.caches = [CacheSpec(key: "k", fallback: [], paths: ["p"])] }),
        ("how long an artifact is kept", { $0.spec.artifacts[0].keep = .seconds(1) }),
        ("a file that is no input", { $0.files[2] = try KeyedStage.file("README.md", "f") }),
        (
            "the tree, where inputs are named",
            { $0.spec.tree = try #require(ObjectID(String(repeating: "1", count: 40))) }
        ),
        ("the order of files", { $0.files.reverse() }),
        ("a value that no step looks at", { $0.spec.context["commit"] = .object(["id": .string("2")]) }),
        ("a secret that the stage does not have", { $0.versions["OTHER"] = "v9" }),
        ("how many are verified", { $0.definition.verify = 1 }),
        ("the ref", { $0.run.plan.event.ref = "refs/tags/v1" }),
        ("the repository's objects", { $0.run.objects = "/elsewhere" }),
        ("the trust", { $0.run.trust = .protected }),
    ]

    @Test(arguments: indifferent.indices) func `all else leaves the key as it is`(_ index: Int) throws {
        let (name, change) = Self.indifferent[index]
        let before = try KeyedStage()
        var after = before
        try change(&after)
        #expect(after.key.digest == before.key.digest, "\(name)")
    }

    @Test func `without inputs the tree counts`() throws {
        var stage = try KeyedStage()
        stage.definition.inputs = nil
        let before = stage.key.digest
        stage.files = []
        #expect(stage.key.digest == before)
        stage.spec.tree = try #require(ObjectID(String(repeating: "1", count: 40)))
        #expect(stage.key.digest != before)
    }

    /// Any number of changes together. Those of files stand for themselves above: which of them count is another's change.
    @Test(arguments: 1...50) func `keys are equal exactly where what counts is`(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let chosen = Self.changes.filter { $0.component != "inputs" }.filter { _ in Bool.random(using: &generator) }
        let idle = Self.indifferent.filter { _ in Bool.random(using: &generator) }
        var one = try KeyedStage()
        var two = try KeyedStage()
        for (_, _, change) in chosen {
            try change(&one)
            try change(&two)
        }
        for (_, change) in idle { try change(&two) }
        #expect(one.key.digest == two.key.digest)
        two.spec.environment["MORE"] = "\(seed)"
        #expect(one.key.digest != two.key.digest)
    }

    @Test(arguments: [(0.0, 0), (1.0, 1000)]) func `none or all are verified`(_ share: Double, _ count: Int) throws {
        #expect(try due(share) == count)
    }

    @Test func `a share is verified, always the same ones`() throws {
        let first = try due(0.1)
        #expect((60...140).contains(first))
        #expect(try due(0.1) == first)
    }

    private func due(_ share: Double) throws -> Int {
        try (1...1000).count { number in
            ReuseVerification.isDue(.sha256("key"), run: try #require(RunNumber(number)), share: share)
        }
    }
}
