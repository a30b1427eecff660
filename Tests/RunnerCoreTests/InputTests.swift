import RunnerCore
import Testing

@Suite struct InputTests {
    static let definitions = [
        InputDefinition(name: "level", kind: .choice(["low", "high"]), defaultValue: "low"),
        InputDefinition(name: "dry", kind: .bool), InputDefinition(name: "count", kind: .number),
        InputDefinition(name: "who", kind: .string, isRequired: true),
    ]
    static let location = SourceLocation(file: "pipelines/ci.yml", line: 1, column: 1)

    @Test func `values have their types and defaults`() throws {
        let given = ["dry": "false", "count": "2.5", "who": "Ada"]
        let values = try Planner.inputs(Self.definitions, given: given, at: Self.location)
        #expect(values == ["level": .string("low"), "dry": .bool(false), "count": .number(2.5), "who": .string("Ada")])
    }

    @Test(arguments: [
        ([:], "input `who` is required"), (["who": "x", "dry": "yes"], "input `dry` cannot be `yes`"),
        (["who": "x", "count": "1e3"], "input `count` cannot be `1e3`"),
        (["who": "x", "level": "mid"], "input `level` cannot be `mid`"),
        (["who": "x", "cuont": "1"], "unknown input `cuont`"),
    ])
    func `what is wrong is said`(given: [String: String], message: String) {
        let error = #expect(throws: DiagnosticsError.self) {
            try Planner.inputs(Self.definitions, given: given, at: Self.location)
        }
        #expect(error?.diagnostics.map(\.message) == [message])
    }

    @Test func `a push has the defaults, and false is false`() throws {
        var event = Fixture.event()
        event.inputs = ["dry": "false"]
        let plan = try Fixture.plan([try Fixture.stage("a", if: "!inputs.dry && inputs.who == null")], event: event) {
            $0.triggers.manual = ManualTrigger(inputs: Self.definitions)
        }
        #expect(plan.event.inputs == ["dry": "false", "level": "low"])
        #expect(plan.stages.first?.verdict == .runs("if: !inputs.dry && inputs.who == null is true"))
    }
}
