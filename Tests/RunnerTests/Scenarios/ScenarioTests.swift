import FoundationEssentials
import SystemPackage
import Testing

/// Every key of a pipeline file and every outcome, one folder each: see Scenario.
@Suite struct ScenarioTests {
    @Test func `there are scenarios`() { #expect(Scenario.cases.count > 100) }

    @Test(arguments: Scenario.cases)
    func `a pipeline does what its folder says`(_ row: Scenario.Case) async throws {
        let scenario = try Scenario(row.name)
        let fixture = try await RunnerFixture(scenario.files)
        try await shell(scenario.expectation.setup, fixture)
        for (number, run) in scenario.runs.enumerated() {
            try await shell(run.change, fixture)
            let before = try await listing(fixture)
            let end = try await execute(run, of: scenario, isSandboxed: row.isSandboxed, fixture)
            let check = ScenarioCheck(label: "run \(number + 1)", run: run, end: end)
            #expect(try await listing(fixture) == before, "\(check.label): the user's directory was written to")
            try check.check()
            try await lookForSecrets(scenario, fixture)
        }
    }

    private func execute(
        _ run: Scenario.Run,
        of scenario: Scenario,
        isSandboxed: Bool,
        _ fixture: RunnerFixture
    ) async throws -> RunnerFixture.End {
        let mode = isSandboxed ? "required" : "none"
        return try await fixture.execute(
            RunnerFixture.program.string,
            ["local", "--json", "--isolation", mode] + (run.arguments ?? []),
            scenario.expectation.environment ?? [:]
        )
    }

    private func shell(_ script: String?, _ fixture: RunnerFixture) async throws {
        guard let script else { return }
        let end = try await fixture.execute("/bin/sh", ["-e", "-c", script])
        try #require(end.status == 0, "\(script): \(end.errors)")
    }

    /// Every name, kind, mode, size and time of the repository, git's own files among them.
    private func listing(_ fixture: RunnerFixture) async throws -> String {
        try await fixture.execute("/usr/bin/find", [".", "-printf", "%p %y %m %s %T@ %l\\n"]).output
    }

    private func lookForSecrets(_ scenario: Scenario, _ fixture: RunnerFixture) async throws {
        for secret in scenario.expectation.hidden ?? [] {
            let end = try await fixture.execute("/bin/grep", ["-rlaF", "--", secret, fixture.state.string])
            #expect(end.output == "", "a secret is on disk")
        }
    }
}

/// One run of a scenario beside what was expected of it.
private struct ScenarioCheck {
    let label: String
    let run: Scenario.Run
    let end: RunnerFixture.End

    func check() throws {
        #expect(end.status == run.exit ?? 0, "\(label): \(end.errors)")
        for text in run.stderr ?? [] {
            #expect(end.errors.contains(text), "\(label): standard error lacks `\(text)`: \(end.errors)")
        }
        guard let stages = run.stages else {
            #expect(end.output == "", "\(label): nothing may run")
            return
        }
        let document = try JSONDecoder().decode(LocalDocument.self, from: Data(end.output.utf8))
        #expect(document.outcome == run.outcome ?? "succeeded", "\(label)")
        #expect(document.stages.map(\.name).sorted() == stages.keys.sorted(), "\(label)")
        for stage in document.stages {
            guard let expected = stages[stage.name] else { continue }
            check(stage, expected)
            try checkLog(of: stage, expected)
        }
        if let directory = document.runs.first?.directory { try checkRecords(FilePath(directory)) }
    }

    private func check(_ stage: LocalDocument.Stage, _ expected: Scenario.Stage) {
        let label = "\(label): \(stage.name)"
        let reason = stage.reason ?? ""
        #expect(stage.outcome == expected.outcome ?? "succeeded", "\(label): \(reason)")
        if let text = expected.reason { #expect(reason.contains(text), "\(label)") }
        if let reused = expected.reused { #expect(stage.reused == reused, "\(label)") }
        if let attempt = expected.attempt { #expect(stage.attempt == attempt, "\(label)") }
        if let outputs = expected.outputs { #expect(stage.outputs == outputs, "\(label)") }
        if let artifacts = expected.artifacts {
            let found = Dictionary(stage.artifacts.map { ($0.name, $0.files) }) { first, _ in first }
            #expect(found == artifacts, "\(label)")
        }
    }

    private func checkLog(of stage: LocalDocument.Stage, _ expected: Scenario.Stage) throws {
        let label = "\(label): log of \(stage.name)"
        let bytes = try stage.log.reduce(into: Data()) { $0 += try Data(contentsOf: URL(filePath: $1)) }
        let text = String(decoding: bytes, as: UTF8.self)
        for part in expected.log ?? [] { #expect(text.contains(part), "\(label): \(text.prefix(2000))") }
        for part in expected.logLacks ?? [] { #expect(!text.contains(part), "\(label): \(text.prefix(2000))") }
        if let whole = expected.logIs { #expect(text == whole, "\(label)") }
        if let whole = expected.logBase64 { #expect(bytes.base64EncodedString() == whole, "\(label)") }
        if let lines = expected.lines { #expect(bytes.count { $0 == UInt8(ascii: "\n") } == lines, "\(label)") }
    }

    private func checkRecords(_ directory: FilePath) throws {
        let file = directory.appending("events.jsonl").string
        let events = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
        for text in run.events ?? [] { #expect(events.contains(text), "\(label): events lack `\(text)`") }
        for text in run.eventsLack ?? [] { #expect(!events.contains(text), "\(label): events have `\(text)`") }
        for record in run.records ?? [] {
            let path = directory.pushing(FilePath(record)).string
            #expect(FileManager.default.fileExists(atPath: path), "\(label): no record `\(record)`")
        }
    }
}
