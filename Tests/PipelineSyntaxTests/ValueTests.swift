import PipelineSyntax
import RunnerCore
import Testing

/// What good files become.
@Suite struct ValueTests {
    private func pipeline(_ text: String) throws -> Pipeline {
        let result = PipelineParser.parse(file: "pipelines/web.yaml", bytes: Array(text.utf8))
        #expect(result.diagnostics.map(\.description) == [])
        return try #require(result.pipeline)
    }

    private func stage(_ text: String) throws -> StageDefinition {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        let file = "on: { manual: }\nstages:\n  s:\n" + lines.joined(separator: "\n")
        return try #require(try pipeline(file).stages.first)
    }

    private func triggers(_ text: String) throws -> Triggers {
        try pipeline("on: \(text)\nstages: { s: { run: x } }\n").triggers
    }

    @Test func `a pipeline without a name has that of its file`() throws {
        #expect(try pipeline("on: { manual: }\nstages: { s: { run: x } }\n").name == "web")
    }

    @Test func `triggers become values`() throws {
        let both = try triggers("{ branches: main, tags: [\"v*\", \"!v0*\"], paths: src/** }")
        #expect(both.branches == PatternList(["main"]))
        #expect(both.tags == .patterns(PatternList(["v*", "!v0*"])))
        #expect(both.paths == PatternList(["src/**"]))
        #expect(try triggers("{ tags: { semver: \">=1.0.0 <2\" } }").tags == .semver(.parse(">=1.0.0 <2")))
        let times = try triggers(
            "{ schedule: [{ cron: \"0 3 * * mon-fri\", zone: Europe/Berlin }, { cron: \"*/5 * * * *\" }] }"
        )
        #expect(
            times.schedules == [
                Schedule(cron: "0 3 * * mon-fri", zone: "Europe/Berlin"), Schedule(cron: "*/5 * * * *"),
            ]
        )
        #expect(try triggers("{ manual: }").manual == ManualTrigger())
        #expect(try triggers("{ manual: {} }").manual == ManualTrigger())
    }

    @Test func `inputs become values`() throws {
        let text = """
            { manual: { inputs: {
              a: { description: what, required: true }, b: { type: bool, default: false },
              c: { type: number, default: 1.50 }, d: { type: choice, options: [low, 1.10], default: low } } } }
            """
        #expect(
            try triggers(text).manual?.inputs == [
                InputDefinition(name: "a", kind: .string, description: "what", isRequired: true),
                InputDefinition(name: "b", kind: .bool, defaultValue: "false"),
                InputDefinition(name: "c", kind: .number, defaultValue: "1.50"),
                InputDefinition(name: "d", kind: .choice(["low", "1.10"]), defaultValue: "low"),
            ]
        )
    }

    @Test func `a text is a concurrency group that queues`() throws {
        let found = try pipeline("on: { manual: }\nconcurrency: deploy\nstages: { s: { run: x } }\n").concurrency
        #expect(found?.group.source == "deploy")
        #expect(found?.policy == .queue)
    }

    @Test func `values are taken as written`() throws {
        let found = try stage(
            "run: x\nmatrix: { v: [1.10, on, 012, no, 1_000, 2024-01-01, 0x1F, \"\"] }\nenv: { A: yes, B: 007 }"
        )
        #expect(found.matrix?.axes.first?.values == ["1.10", "on", "012", "no", "1_000", "2024-01-01", "0x1F", ""])
        #expect(found.env.map(\.value.source) == ["yes", "007"])
    }

    @Test func `a matrix has axes, additions and exceptions`() throws {
        let text =
            "run: x\nmatrix: { a: [1, 2], b: [3], include: [{ a: 4, c: 5 }], exclude: [{ a: 1, b: 3 }] }\n"
            + "if: matrix.c == '5'"
        let axes = [Matrix.Axis(name: "a", values: ["1", "2"]), Matrix.Axis(name: "b", values: ["3"])]
        let expected = Matrix(axes: axes, exclude: [["a": "1", "b": "3"]], include: [["a": "4", "c": "5"]])
        #expect(try stage(text).matrix == expected)
    }

    @Test func `a script alone is one step with its first line as name`() throws {
        let found = try stage("run: |\n\n  make all\n  make install")
        #expect(found.work == .steps([StepDefinition(name: "make all", run: "\nmake all\nmake install")]))
    }

    @Test func `every key of a step becomes a value`() throws {
        let text = "steps: [{ name: n, run: x, if: always(), env: { A: b }, directory: web, timeout: 90s }, { run: y }]"
        guard case .steps(let steps) = try stage(text).work else { return }
        #expect(steps.map(\.name) == ["n", "y"])
        #expect(steps.first?.condition?.source == "always()")
        #expect(steps.first?.env.map(\.name) == ["A"])
        #expect(steps.first?.directory == "web")
        #expect(steps.first?.timeout == .seconds(90))
    }

    @Test func `the small keys of a stage become values`() throws {
        let text = """
            run: x
            if: ${{ ref.name == 'main' }}
            secrets: [NPM_TOKEN, KEY]
            network: none
            timeout: 1h30m
            grace: 5s
            retry: 3
            resources: { cpu: 0.5, memory: 1024, disk: 10GB }
            """
        let found = try stage(text)
        #expect(found.condition != nil)
        #expect(found.secrets == ["NPM_TOKEN", "KEY"])
        #expect(found.network == .none)
        #expect(found.timeout == .seconds(5_400))
        #expect(found.grace == .seconds(5))
        #expect(found.retry == Retry(attempts: 3))
        #expect(found.resources == Resources(cpu: 0.5, memory: 1_024, disk: 10_000_000_000))
    }

    @Test func `what a stage keeps and shows becomes values`() throws {
        let text = """
            run: x
            cache: { key: k, fallback: f, paths: [.build, ~/.cache/x] }
            artifacts: { app: [dist/**, "!dist/tmp/**"], log: "*.log", doc: { paths: d, keep: 30d } }
            reports: { junit: [a.xml, b.xml], coverage: lcov.info, sarif: s.sarif }
            reuse: { inputs: src/** }
            """
        let found = try stage(text)
        #expect(found.caches.map(\.paths) == [[".build", "~/.cache/x"]])
        #expect(
            found.artifacts == [
                ArtifactDefinition(name: "app", paths: PatternList(["dist/**", "!dist/tmp/**"])),
                ArtifactDefinition(name: "log", paths: PatternList(["*.log"])),
                ArtifactDefinition(name: "doc", paths: PatternList(["d"]), keep: .seconds(30 * 86_400)),
            ]
        )
        #expect(found.reports.map(\.kind) == [.junit, .coverage, .sarif])
        #expect(found.reuse == ReuseDefinition(inputs: PatternList(["src/**"])))
    }

    @Test(arguments: [
        ("reuse: true", ReuseDefinition()), ("reuse: {}", ReuseDefinition()), ("reuse: false", nil),
        (
            "reuse: { tools: cc --version, verify: 0.5% }",
            ReuseDefinition(tools: ["cc --version"], verify: 0.005)
        ),
    ]) func `reuse may say nothing`(text: String, expected: ReuseDefinition?) throws {
        #expect(try stage("run: x\n\(text)").reuse == expected)
    }

    @Test func `a service becomes a value`() throws {
        let text = "run: x\nservices: { db: { image: pg:17, run: start, ready: check, when: always(), env: { A: b } } }"
        let found = try #require(try stage(text).services.first)
        #expect([found.name, found.run, found.ready, found.image?.source] == ["db", "start", "check", "pg:17"])
        #expect(found.condition != nil)
        #expect(found.env.map(\.name) == ["A"])
    }

    @Test func `anchors and merges stand for what they name`() throws {
        let text = """
            x-base: &base { timeout: 5m, retry: 2 }
            on: { manual: }
            stages:
              a: { <<: *base, run: x, retry: 3 }
              b: { run: y, <<: [{ grace: 1s }, *base] }
            """
        let stages = try pipeline(text).stages
        #expect(stages.map(\.timeout) == [.seconds(300), .seconds(300)])
        #expect(stages.map(\.retry.attempts) == [3, 2])
        #expect(stages.last?.grace == .seconds(1))
    }

    @Test func `a stage of finally may look at every stage`() throws {
        let text = """
            on: { manual: }
            stages: { a: { run: x } }
            finally:
              tell: { run: y, env: { A: "${{ needs.a.outcome }}" }, needs-outcome: [failed, timed-out] }
              clean: { run: z, needs: tell }
            """
        let found = try pipeline(text).finally
        #expect(found.map(\.neededOutcomes) == [[.failed, .timedOut], []])
        #expect(found.last?.needs == ["tell"])
    }

    @Test(arguments: ["GIT_AUTHOR_NAME", "GIT_COMMITTER_DATE", "LANG", "_x", "CIRCLE", "PATHS", "TOKENIZERS"])
    func `ordinary names may be set`(name: String) throws {
        #expect(try stage("run: x\nenv: { \(name): a }").env.map(\.name) == [name])
    }
}
