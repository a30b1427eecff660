import RunnerCore
import Testing

@Suite struct PlannerTests {
    @Test func `needs come first, else the order of the file`() throws {
        let plan = try Fixture.plan([
            try Fixture.stage("deploy", needs: ["build"]), try Fixture.stage("lint"), try Fixture.stage("build"),
        ])
        #expect(plan.stages.map(\.id.description) == ["lint", "build", "deploy"])
        #expect(plan.stages.map(\.verdict) == [.runs("needs nothing"), .runs("needs nothing"), .runs("after `build`")])
    }

    @Test func `a stage with a matrix is needed as a whole`() throws {
        let plan = try Fixture.plan([
            try Fixture.stage("t") { $0.matrix = Matrix(axes: [Matrix.Axis(name: "a", values: ["1", "2"])]) },
            try Fixture.stage("u", needs: ["t"]),
        ])
        #expect(plan.stages.last?.needs == [StageID("t (1)"), StageID("t (2)")])
    }

    @Test(arguments: [
        ("ref.name == 'develop'", PlannedVerdict.runs("if: ref.name == 'develop' is true")),
        ("ref.name == 'main'", .skipped("if: ref.name == 'main' is false")),
        ("ref.name == 'main' && success()", .skipped("if: ref.name == 'main' && success() is false")),
        ("failure()", .depends("if: failure()")),
        ("failure() || always()", .runs("if: failure() || always() is true")),
        ("needs.a.outputs.x == '1'", .depends("if: needs.a.outputs.x == '1'")),
        ("run.number > 3", .depends("if: run.number > 3")), ("env.A == '1'", .runs("if: env.A == '1' is true")),
        ("env.B == '1'", .depends("if: env.B == '1'")), ("env.OTHER == null", .depends("if: env.OTHER == null")),
        ("!(ref.kind == 'tag')", .runs("if: !(ref.kind == 'tag') is true")),
        ("stage.name == 'b' &&\n  true", .runs("if: stage.name == 'b' && true is true")),
        ("hash('a') == 'x'", .depends("if: hash('a') == 'x'")),
    ])
    func `conditions are decided as far as is known`(condition: String, verdict: PlannedVerdict) throws {
        let stages = [try Fixture.stage("a"), try Fixture.stage("b", needs: ["a"], if: condition)]
        let env = [
            Variable(name: "A", value: try Template.parse("1")),
            Variable(name: "B", value: try Template.parse("${{ needs.a.outcome }}")),
        ]
        let plan = try Fixture.plan(stages) { $0.env = env }
        #expect(plan.stages.last?.verdict == verdict)
    }

    @Test(
        arguments: [
            (nil, PlannedVerdict.skipped("needs `a`, which is skipped")),
            ("true", .skipped("needs `a`, which is skipped")),
            ("always()", .runs("if: always() is true")), ("success()", .skipped("if: success() is false")),
        ] as [(String?, PlannedVerdict)]
    )
    func `a skipped need is passed on`(condition: String?, verdict: PlannedVerdict) throws {
        let plan = try Fixture.plan([
            try Fixture.stage("a", if: "false"), try Fixture.stage("b", needs: ["a"], if: condition),
        ])
        #expect(plan.stages.last?.verdict == verdict)
    }

    @Test func `an uncertain need is passed on`() throws {
        let plan = try Fixture.plan([
            try Fixture.stage("a", if: "run.number > 1"), try Fixture.stage("b", needs: ["a"]),
        ])
        #expect(plan.stages.last?.verdict == .depends("if `a` succeeds"))
    }

    @Test func `finally says when`() throws {
        let plan = try Fixture.plan(
            [try Fixture.stage("a")],
            finally: [
                try Fixture.stage("x"), try Fixture.stage("y") { $0.neededOutcomes = [.failed, .timedOut] },
                try Fixture.stage("z", if: "success()"),
            ]
        )
        let verdicts: [PlannedVerdict] = [
            .runs("whatever the outcome"), .depends("if the run has failed or timed out"), .depends("if: success()"),
        ]
        #expect(plan.finally.map(\.verdict) == verdicts)
    }

    @Test func `a selection comes with what it needs`() throws {
        let matrix = Matrix(axes: [Matrix.Axis(name: "a", values: ["1", "2"])])
        let stages = [
            try Fixture.stage("a"), try Fixture.stage("b", needs: ["a"]) { $0.matrix = matrix }, try Fixture.stage("c"),
            try Fixture.stage("d", needs: ["b"]),
        ]
        let finally = [try Fixture.stage("f")]
        let one = try Fixture.plan(stages, finally: finally, selecting: ["b (2)"])
        #expect(one.stages.map(\.id.description) == ["a", "b (2)"])
        #expect(one.finally.isEmpty)
        let all = try Fixture.plan(stages, finally: finally, selecting: ["d", "f"])
        #expect(all.stages.map(\.id.description) == ["a", "b (1)", "b (2)", "d"])
        #expect(all.finally.map(\.id.description) == ["f"])
        #expect(
            Fixture.problems { try Fixture.plan(stages, selecting: ["aa"]) } == ["pipeline `ci` has no stage `aa`"]
        )
    }

    @Test func `circles and unknown needs are found and do not hang`() {
        let circle = Fixture.problems {
            try Fixture.plan([
                try Fixture.stage("z", needs: ["b"]), try Fixture.stage("a", needs: ["b"]),
                try Fixture.stage("b", needs: ["a"]), try Fixture.stage("c", needs: ["nobody"]),
            ])
        }
        #expect(circle == ["`c` needs `nobody`, which is no stage", "`b` needs `a` needs `b`: a circle"])
        #expect(
            Fixture.problems { try Fixture.plan([try Fixture.stage("a", needs: ["a"])]) } == ["`a` needs `a`: a circle"]
        )
    }

    @Test func `too many stages are refused`() {
        let problems = Fixture.problems {
            try Fixture.plan((0...2_000).map { try Fixture.stage("s\($0)") })
        }
        #expect(problems == ["the pipeline has more than 2000 stages"])
    }

    @Test func `the concurrency group is evaluated`() throws {
        let group = try Template.parse("${{ pipeline.name }}-${{ ref.name }}")
        let plan = try Fixture.plan([try Fixture.stage("a")]) {
            $0.concurrency = Concurrency(group: group, policy: .cancelOlder)
        }
        #expect(plan.concurrencyGroup == "ci-develop")
        #expect(plan.concurrencyPolicy == .cancelOlder)
    }

    @Test func `errors of expressions are diagnostics`() {
        #expect(
            Fixture.problems { try Fixture.plan([try Fixture.stage("a", if: "matrix.os == 'x'")]) }
                == ["`a`: if: the matrix has no `os`"]
        )
    }
}
