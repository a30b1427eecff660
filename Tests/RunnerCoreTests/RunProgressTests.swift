import RunnerCore
import Testing

@Suite struct RunProgressTests {
    private static let failures: [Outcome] = [.failed, .errored, .timedOut]

    @Test(arguments: [Outcome.succeeded, .failed, .errored, .timedOut, .canceled, .skipped])
    func `what a need's outcome means for each kind of condition`(outcome: Outcome) throws {
        let conditions: [(name: String, condition: String?, starts: Bool)] = [
            ("plain", nil, outcome == .succeeded), ("static", "ref.name == 'develop'", outcome == .succeeded),
            ("off", "needs.a.outputs.k == 'w'", false), ("output", "needs.a.outputs.k == 'v'", outcome == .succeeded),
            ("success", "success()", outcome == .succeeded), ("failure", "failure()", Self.failures.contains(outcome)),
            ("always", "always()", true), ("outcome", "needs.a.outcome == '\(outcome.rawValue)'", true),
            ("neither", "!success() && !failure()", outcome == .canceled || outcome == .skipped),
        ]
        var stages = [try Fixture.stage("a")]
        for row in conditions { stages.append(try Fixture.stage(row.name, needs: ["a"], if: row.condition)) }
        var progress = RunProgress(plan: try Fixture.plan(stages), slots: 100)
        if outcome == .skipped {
            try progress.apply(.skipped("a", "if: false"))
        } else {
            try progress.run("a", outcome, outputs: outcome == .succeeded ? ["k": "v"] : [:])
        }
        #expect(try progress.settle() == conditions.filter(\.starts).map(\.name))
        let reason = outcome == .canceled || outcome == .skipped ? "was \(outcome.words)" : outcome.words
        #expect(progress.reason(for: "plain") == (outcome == .succeeded ? nil : "needs `a`, which \(reason)"))
    }

    @Test func `failure sees all stages before, success only the direct needs`() throws {
        let stages = [
            try Fixture.stage("a"), try Fixture.stage("b", needs: ["a"]),
            try Fixture.stage("c", needs: ["b"], if: "failure()"),
            try Fixture.stage("d", needs: ["c"]), try Fixture.stage("e", needs: ["c"], if: "failure() && success()"),
        ]
        var progress = RunProgress(plan: try Fixture.plan(stages), slots: 4)
        try progress.run("a", .failed)
        try progress.run("c")
        #expect(try progress.settle() == ["d", "e"])
        #expect(progress.status(of: "b") == .finished(.skipped))
        #expect(progress.outcome == .failed)
    }

    @Test func `a condition without a value ends its stage as errored`() throws {
        let stages = [try Fixture.stage("a"), try Fixture.stage("b", needs: ["a"], if: "needs.a.outputs.n > 3")]
        var progress = RunProgress(plan: try Fixture.plan(stages), slots: 1)
        try progress.run("a")
        #expect(try progress.settle().isEmpty)
        #expect(progress.status(of: "b") == .finished(.errored))
        #expect(progress.outcome == .errored)
        #expect(progress.isFinished)
    }

    @Test func `after a cancel only finally starts`() throws {
        let stages = [
            try Fixture.stage("a"), try Fixture.stage("b"), try Fixture.stage("c", needs: ["a"], if: "always()"),
        ]
        let finally = [try Fixture.stage("f"), try Fixture.stage("g") { $0.neededOutcomes = [.failed] }]
        var progress = RunProgress(plan: try Fixture.plan(stages, finally: finally), slots: 1)
        try progress.apply(.started("a"))
        try progress.apply(.cancelRequested("Ctrl-C"))
        try progress.apply(.cancelRequested("again"))
        #expect(try progress.settle().isEmpty)
        #expect(progress.reason(for: "b") == "the run was canceled: Ctrl-C")
        #expect(progress.reason(for: "c") == "the run was canceled: Ctrl-C")
        try progress.apply(.finished("a", .canceled, outputs: [:]))
        #expect(try progress.settle() == ["f"])
        #expect(progress.reason(for: "g") == "needs-outcome: failed; the run is canceled")
        try progress.run("f")
        #expect(progress.isFinished)
        #expect(progress.outcome == .canceled)
    }

    @Test func `finally runs after all others, in its own graph`() throws {
        let finally = [
            try Fixture.stage("report", needs: ["collect"]), try Fixture.stage("collect"),
            try Fixture.stage("ok", if: "success()"), try Fixture.stage("bad", if: "failure()"),
            try Fixture.stage("look", if: "needs.a.outcome == 'failed'"),
            try Fixture.stage("failed") { $0.neededOutcomes = [.failed, .errored] },
        ]
        let plan = try Fixture.plan([try Fixture.stage("a"), try Fixture.stage("b")], finally: finally)
        var progress = RunProgress(plan: plan, slots: 10)
        try progress.run("a", .failed)
        #expect(try progress.settle() == ["b"])
        try progress.run("b")
        #expect(try progress.settle() == ["collect", "bad", "look", "failed"])
        try progress.run("collect")
        #expect(try progress.settle() == ["report", "bad", "look", "failed"])
    }

    @Test func `a failing finally stage fails the run`() throws {
        let plan = try Fixture.plan([try Fixture.stage("a")], finally: [try Fixture.stage("f")])
        var progress = RunProgress(plan: plan, slots: 1)
        try progress.run("a")
        #expect(progress.outcome == .succeeded)
        try progress.run("f", .failed)
        #expect(progress.outcome == .failed)
    }

    @Test func `a plan of finally alone, and an empty one`() throws {
        var progress = RunProgress(plan: try Fixture.plan([], finally: [try Fixture.stage("f")]), slots: 1)
        #expect(try progress.settle() == ["f"])
        progress = RunProgress(plan: try Fixture.plan([]), slots: 1)
        #expect(progress.isFinished)
        #expect(progress.outcome == .skipped)
    }

    @Test func `slots and resources are kept`() throws {
        func stage(_ name: String, _ cpu: Double?, _ memory: Int64? = nil) throws -> StageDefinition {
            try Fixture.stage(name) { $0.resources = Resources(cpu: cpu, memory: memory) }
        }
        let stages = [
            try stage("a", nil), try stage("b", 1, 6), try stage("c", 1, 6), try stage("big", 99), try stage("d", 0.5),
        ]
        var progress = RunProgress(plan: try Fixture.plan(stages), slots: 3, capacity: Resources(cpu: 4, memory: 10))
        #expect(try progress.settle() == ["a", "b"])
        try progress.run("a")
        #expect(try progress.settle() == ["b"])
        try progress.run("b")
        #expect(try progress.settle() == ["c"])
        try progress.run("c")
        #expect(try progress.settle() == ["big"])
        try progress.run("big")
        #expect(try progress.settle() == ["d"])
    }

    @Test func `a grant holds for what starts, not for what runs`() throws {
        let stages = try ["a", "b", "c"].map { try Fixture.stage($0) } + [try Fixture.stage("d", needs: ["a"])]
        var progress = RunProgress(plan: try Fixture.plan(stages), slots: 0)
        #expect(try progress.settle().isEmpty)
        #expect(progress.demand.slots == 3)
        progress.setBudget(slots: 2, capacity: Resources())
        #expect(try progress.settle() == ["a", "b"])
        for stage in ["a", "b"] as [StageID] { try progress.apply(.started(stage)) }
        progress.setBudget(slots: 1, capacity: Resources(cpu: 1))
        #expect(progress.running == ["a", "b"])
        try progress.apply(.finished("b", .succeeded, outputs: [:]))
        #expect(try progress.settle().isEmpty)
        try progress.apply(.finished("a", .succeeded, outputs: [:]))
        #expect(try progress.settle() == ["c"])
        progress.setBudget(slots: 0, capacity: Resources())
        #expect(try progress.settle().isEmpty)
        #expect(progress.demand.slots == 2 && progress.demand.cpu == 2)
    }

    @Test func `a run demands what runs and what only waits for room`() throws {
        let stages = [
            try Fixture.stage("a") { $0.resources = Resources(cpu: 0.5, memory: 3) },
            try Fixture.stage("b") { $0.resources = Resources(memory: 4) }, try Fixture.stage("c", needs: ["a"]),
        ]
        var progress = RunProgress(plan: try Fixture.plan(stages), slots: 1)
        try progress.apply(.started("a"))
        #expect(progress.demand.slots == 2 && progress.demand.cpu == 1.5 && progress.demand.memory == 7)
        try progress.apply(.finished("a", .failed, outputs: [:]))
        _ = try progress.settle()
        #expect(progress.demand.slots == 1 && progress.demand.cpu == 1 && progress.demand.memory == 4)
    }

    @Test func `taken stages count as ended, the others that are not selected are skipped`() throws {
        let stages = [
            try Fixture.stage("a"), try Fixture.stage("b", needs: ["a"]), try Fixture.stage("c", needs: ["b"]),
            try Fixture.stage("x"), try Fixture.stage("y", needs: ["x"]),
        ]
        let plan = try Fixture.plan(stages, finally: [try Fixture.stage("f")])
        var progress = RunProgress(plan: plan, slots: 0, selected: ["c", "f"])
        try progress.apply(.taken("b", .succeeded, outputs: ["k": "v"]))
        try progress.apply(.taken("a", .succeeded, outputs: [:]))
        #expect(try progress.settle().isEmpty)
        for stage in ["x", "y"] as [StageID] { #expect(progress.reason(for: stage) == "not selected") }
        progress.setBudget(slots: 1, capacity: Resources())
        #expect(progress.outputs(of: "b") == ["k": "v"])
        try progress.run("c")
        try progress.run("f")
        #expect(progress.isFinished && progress.outcome == .succeeded)
    }

    @Test func `a circle in a plan ends as skipped`() throws {
        var plan = try Fixture.plan([try Fixture.stage("a"), try Fixture.stage("b"), try Fixture.stage("c")])
        plan.stages[0].needs = ["b"]
        plan.stages[1].needs = ["a"]
        plan.stages[2].needs = ["nobody"]
        var progress = RunProgress(plan: plan, slots: 1)
        #expect(try progress.settle().isEmpty)
        #expect(progress.isFinished)
        #expect(progress.outcome == .skipped)
    }

    @Test func `a thousand stages, side by side or in a row, take no time`() throws {
        let wide = try (0..<1_000).map { try Fixture.stage("s\($0)") }
        let long = try (0..<1_000).map { try Fixture.stage("s\($0)", needs: $0 == 0 ? [] : ["s\($0 - 1)"]) }
        for stages in [wide, long] {
            var progress = RunProgress(plan: try Fixture.plan(stages), slots: 4)
            let elapsed = try ContinuousClock().measure {
                while let stage = progress.next().first?.stage {
                    try progress.apply(.started(stage))
                    try progress.apply(.finished(stage, .succeeded, outputs: [:]))
                }
            }
            #expect(progress.isFinished)
            #expect(elapsed < .seconds(1))
        }
    }

    @Test func `a stage's context has everything known as it starts`() throws {
        let matrix = Matrix(axes: [Matrix.Axis(name: "db", values: ["x", "y"])])
        let stages = [
            try Fixture.stage("a") { $0.matrix = matrix },
            try Fixture.stage("b", needs: ["a"]) {
                $0.env = [Variable(name: "V", value: try Template.parse("${{ env.P }}!"))]
            },
        ]
        var progress = RunProgress(plan: try Fixture.plan(stages), slots: 2, runNumber: RunNumber(7))
        try progress.run("a (x)", outputs: ["k": "1", "l": "1"])
        try progress.run("a (y)", outputs: ["k": "2"])
        var context = try #require(progress.context(for: "b", env: ["P": "p"]))
        try context.define(stages[1].env)
        let text =
            "${{ needs.a.outcome }} ${{ needs.a.outputs.k }}${{ needs.a.outputs.l }} ${{ run.number }} ${{ env.V }} "
            + "${{ stage.id }} ${{ ref.kind }} ${{ commit.short }} ${{ success() }}"
        #expect(try Template.parse(text).evaluate(in: context) == "succeeded 21 7 p! b branch ababababab true")
        #expect(progress.context(for: "nobody") == nil)
    }
}

extension StageID: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
