import Git
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

@testable import RunnerExecution

@Suite struct StepEnvironmentTests {
    private func spec(_ variables: [String: String] = [:], secrets: [String] = []) throws -> StageSpec {
        StageSpec(
            run: try #require(RunNumber(7)),
            stage: StageID("test"),
            attempt: 2,
            steps: [],
            environment: variables,
            context: ["ref": .object(["name": .string("main"), "full": .string("refs/heads/main")])],
            secrets: secrets,
            tree: .emptyTree,
            layers: [],
            network: .host,
            timeout: .seconds(1),
            grace: .seconds(1)
        )
    }

    private func environment(
        _ variables: [String: String] = [:],
        secrets: [String] = [],
        values: [String: String] = [:]
    ) throws -> StepEnvironment {
        var exposure = Exposure(searchPath: "", home: "/home/ada", expose: [], hidden: [])
        exposure.searchPath = "/usr/bin"
        exposure.environment = ["RUSTUP_HOME": "/home/ada/.rustup"]
        return StepEnvironment(
            spec: try spec(variables, secrets: secrets),
            exposure: exposure,
            visible: .sandbox,
            secrets: values
        )
    }

    @Test func `the later says more: stage, secret, passed on, step`() throws {
        var environment = try environment(["A": "stage", "B": "stage", "C": "stage", "D": "stage"])
        environment.pass(["B": "passed", "C": "passed"], searchPaths: [])
        let variables = environment.variables(declared: ["C": "step"], step: "unit")
        #expect(["A", "B", "C", "D"].map { variables[$0] } == ["stage", "passed", "step", "stage"])
    }

    @Test func `only named secrets come along`() throws {
        let variables = try environment(["A": "stage"], secrets: ["A"], values: ["A": "secret", "B": "other"])
            .variables(declared: [:], step: "unit")
        #expect(variables["A"] == "secret" && variables["B"] == nil)
    }

    @Test(arguments: [
        ("CI", "true"), ("HOME", "/home/runner"), ("TMPDIR", "/tmp"), ("USER", "runner"), ("LANG", "C.UTF-8"),
        ("RUNNER_RUN", "7"), ("RUNNER_STAGE", "test"), ("RUNNER_ATTEMPT", "2"), ("RUNNER_STEP", "unit"),
        ("RUNNER_WORKSPACE", "/workspace"), ("RUNNER_ENV", "/runner/env"), ("RUNNER_REF_NAME", "main"),
        ("RUSTUP_HOME", "/home/ada/.rustup"), ("PATH", "/usr/bin"),
    ])
    func `a step finds its facts`(_ name: String, _ value: String) throws {
        let variables = try environment().variables(declared: [:], step: "unit")
        #expect(variables[name] == value)
    }

    @Test(arguments: ["HOME", "CI", "RUNNER_STAGE", "RUNNER_ENV"])
    func `the runner's own cannot be declared for a stage`(_ name: String) throws {
        let variables = try environment([name: "evil"]).variables(declared: [:], step: "unit")
        #expect(variables[name] != "evil")
    }

    @Test func `the language may be chosen`() throws {
        #expect(try environment(["LANG": "de_DE.UTF-8"]).variables(declared: [:], step: "s")["LANG"] == "de_DE.UTF-8")
    }

    @Test func `the newest search path comes first and the machine's last`() throws {
        var environment = try environment()
        environment.pass([:], searchPaths: ["/a", "/b"])
        environment.pass([:], searchPaths: ["/c"])
        let variables = environment.variables(declared: ["PATH": "/evil"], step: "unit")
        #expect(variables["PATH"] == "/c:/b:/a:/usr/bin")
    }

    @Test func `nothing comes from the runner's own environment`() throws {
        let variables = try environment().variables(declared: [:], step: "unit")
        #expect(variables["RUNNER_STATE"] == nil && variables["SSH_AUTH_SOCK"] == nil && variables["PWD"] == nil)
    }
}
