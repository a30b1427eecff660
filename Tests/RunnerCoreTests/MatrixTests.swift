import RunnerCore
import Testing

@Suite struct MatrixTests {
    static let fruits = [
        Matrix.Axis(name: "fruit", values: ["apple", "pear"]), Matrix.Axis(name: "animal", values: ["cat", "dog"]),
    ]

    /// The example of GitHub's page on matrix strategies, "Expanding or adding matrix configurations".
    @Test func `include extends and adds as on GitHub`() throws {
        let matrix = Matrix(
            axes: Self.fruits,
            include: [
                ["color": "green"], ["color": "pink", "animal": "cat"], ["fruit": "apple", "shape": "circle"],
                ["fruit": "banana"], ["fruit": "banana", "animal": "cat"],
            ]
        )
        let plan = try Fixture.plan([try Fixture.stage("t") { $0.matrix = matrix }])
        #expect(
            plan.stages.map(\.matrix) == [
                ["fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"],
                ["fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"],
                ["fruit": "pear", "animal": "cat", "color": "pink"],
                ["fruit": "pear", "animal": "dog", "color": "green"],
                ["fruit": "banana"], ["fruit": "banana", "animal": "cat"],
            ]
        )
        #expect(
            plan.stages.map(\.id.description) == [
                "t (apple, cat)", "t (apple, dog)", "t (pear, cat)", "t (pear, dog)", "t (banana)", "t (banana, cat)",
            ]
        )
    }

    @Test(
        arguments: [
            ([["fruit": "apple"]], [], ["t (pear, cat)", "t (pear, dog)"]),
            ([["fruit": "apple", "animal": "cat"]], [], ["t (apple, dog)", "t (pear, cat)", "t (pear, dog)"]),
            ([["fruit": "plum"]], [], ["t (apple, cat)", "t (apple, dog)", "t (pear, cat)", "t (pear, dog)"]),
            ([["fruit": "apple"], ["animal": "dog"]], [], ["t (pear, cat)"]),
            // Include comes after exclude, so it can bring back.
            (
                [["fruit": "apple"]], [["fruit": "apple", "animal": "cat"]],
                ["t (pear, cat)", "t (pear, dog)", "t (apple, cat)"]
            ),
        ] as [([[String: String]], [[String: String]], [String])]
    )
    func `exclude takes away`(exclude: [[String: String]], include: [[String: String]], ids: [String]) throws {
        let matrix = Matrix(axes: Self.fruits, exclude: exclude, include: include)
        let plan = try Fixture.plan([try Fixture.stage("t") { $0.matrix = matrix }])
        #expect(plan.stages.map(\.id.description) == ids)
    }

    @Test func `a name that only another cell has is null`() {
        var definition = StageDefinition(
            name: "test",
            location: SourceLocation(file: "ci.yml", line: 1, column: 1),
            work: .steps([])
        )
        definition.matrix = Matrix(
            axes: [Matrix.Axis(name: "os", values: ["a", "b"])],
            include: [["os": "a", "extra": "x"]]
        )
        var context = EvaluationContext()
        context.enter(
            PlannedStage(id: StageID("test (b)"), definition: definition, matrix: ["os": "b"], verdict: .runs(""))
        )
        #expect(context.values["matrix"] == .object(["os": .string("b"), "extra": .null]))
    }

    @Test func `include alone is a list, and equal labels are told apart`() throws {
        let matrix = Matrix(axes: [], include: [["a": "1"], ["b": "1"]])
        let plan = try Fixture.plan([try Fixture.stage("t") { $0.matrix = matrix }])
        #expect(plan.stages.map(\.id.description) == ["t (1)", "t (1) #2"])
    }

    @Test(arguments: [
        (Matrix(axes: fruits, exclude: [["fruit": "apple"], ["fruit": "pear"]]), "`t`: the matrix has no combination"),
        (Matrix(axes: [Matrix.Axis(name: "a", values: [])]), "`t`: the matrix has no combination"),
        (Matrix(axes: [many("a", 257)]), "`t`: the matrix has 257 combinations or more, and may have 256"),
        (Matrix(axes: [many("a", 999), many("b", 999)]), "`t`: the matrix has more than 4096 combinations"),
    ])
    func `limits are said`(matrix: Matrix, message: String) {
        #expect(Fixture.problems { try Fixture.plan([try Fixture.stage("t") { $0.matrix = matrix }]) } == [message])
    }

    static func many(_ name: String, _ count: Int) -> Matrix.Axis {
        Matrix.Axis(name: name, values: (0..<count).map(String.init))
    }
}
