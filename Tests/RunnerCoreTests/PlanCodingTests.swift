import Foundation
import RunnerCore
import Testing

@Suite struct PlanCodingTests {
    @Test func `a plan is the same after it was written and read`() throws {
        let stage = try Fixture.stage("a", if: "ref.name == 'develop'") {
            $0.env = [Variable(name: "A", value: try Template.parse("x ${{ matrix.db }}"))]
            $0.matrix = Matrix(axes: [Matrix.Axis(name: "db", values: ["x"])])
            $0.reuse = ReuseDefinition(inputs: PatternList(["Sources/**", "!**/*.md"]))
            $0.timeout = .seconds(30)
        }
        let plan = try Fixture.plan([stage]) {
            $0.triggers.manual = ManualTrigger(inputs: [
                InputDefinition(name: "dry", kind: .bool, defaultValue: "true"),
                InputDefinition(name: "count", kind: .number, defaultValue: "2"),
                InputDefinition(name: "none", kind: .string),
            ])
        }
        let data = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(Plan.self, from: data) == plan)
    }

    @Test(arguments: [
        Value.null, .bool(true), .number(1), .number(0.5), .string("1"), .string(""), .object(["a": .object([:])]),
    ])
    func `a value keeps its type`(value: Value) throws {
        let data = try JSONEncoder().encode([value])
        #expect(try JSONDecoder().decode([Value].self, from: data) == [value])
    }

    @Test func `a range is written as its source, and a bad one is not read`() throws {
        let data = try JSONEncoder().encode([try SemanticVersionRange.parse(">=1 <2")])
        #expect(try JSONDecoder().decode([SemanticVersionRange].self, from: data).map(\.source) == [">=1 <2"])
        #expect(throws: ExpressionError.self) {
            try JSONDecoder().decode([SemanticVersionRange].self, from: Data("[\"abc\"]".utf8))
        }
    }
}
