import RunnerCore
import Testing

@Suite struct ExpressionEvaluationTests {
    static let context = EvaluationContext(
        values: [
            "ref": .object([
                "name": .string("develop"), "full": .string("refs/heads/develop"), "kind": .string("branch"),
            ]),
            "commit": .object(["message": .string("Fix naïve parser"), "id": .null]),
            "matrix": .object(["swift": .string("6.3"), "db": .string("sqlite")]),
            "env": .object(["A": .string("1"), "EMPTY": .string("")]),
            "inputs": .object(["dry": .bool(false), "count": .number(3)]),
            "run": .object(["number": .number(12)]),
            "needs": .object([
                "build": .object(["outcome": .string("succeeded"), "outputs": .object(["k": .string("v")])])
            ]),
        ],
        standing: .failed,
        hash: { $0 == ["none"] ? nil : "abc" + $0.joined() }
    )

    @Test(arguments: [
        // number and number
        ("1 == 1.0", true), ("1 != 2", true), ("-1 < 0", true), ("2 >= 2", true), ("2 > 2", false),
        // text and text: bytes
        ("'a' == 'a'", true), ("'a' == 'A'", false), ("'10' < '9'", true), ("'b' > 'a'", true), ("'' <= ''", true),
        ("'\u{e9}' == 'e\u{301}'", false),
        // number and text
        ("matrix.swift == 6.3", true), ("6.3 == '6.30'", true), ("'10' > 9", true), ("1 == 'x'", false),
        ("1 != 'x'", true), ("1 == ' 1'", false), ("1000 == '1e3'", false),
        // truth values, null, other types
        ("true == true", true), ("true != false", true), ("null == null", true), ("null == ''", false),
        ("false == 0", false), ("true == 'true'", false), ("env.MISSING == null", true), ("null != 'x'", true),
        // logic
        ("true && false", false), ("true || false", true), ("!null && !'' && !0 && !false", true), ("!'false'", false),
        ("false && 1 < true", false), ("inputs.dry", false), ("inputs.count == 3", true),
        // functions
        ("success()", false), ("failure()", true), ("always()", true), ("startsWith(ref.full, 'refs/heads/')", true),
        ("startsWith('a', 'ab')", false), ("endsWith(ref.full, 'lop')", true), ("endsWith('', 'x')", false),
        ("contains(commit.message, 'naïve')", true), ("contains('abc', '')", true), ("contains('', 'a')", false),
        ("contains(run.number, 2)", true), ("contains('a', 'abc')", false),
        // paths
        ("needs.build.outcome == 'succeeded'", true), ("needs['build'].outputs['k'] == 'v'", true),
        ("needs.build.outputs.missing == null", true),
    ])
    func `conditions hold or not`(text: String, isTrue: Bool) throws {
        #expect(try Expression.parse(text).evaluate(in: Self.context).isTruthy == isTrue)
    }

    @Test(arguments: [
        ("true && 'x'", Value.string("x")), ("'' && 'x'", .string("")), ("null || 'y'", .string("y")),
        ("'a' || 'b'", .string("a")), ("ref.name == 'develop' && 'dev' || 'other'", .string("dev")),
        ("hash('a', \"b\")", .string("abcab")), ("commit.id", .null), ("\"say \"\"hi\"\"\"", .string("say \"hi\"")),
    ])
    func `and and or give one of their sides`(text: String, value: Value) throws {
        #expect(try Expression.parse(text).evaluate(in: Self.context) == value)
    }

    @Test(arguments: [
        ("true < false", "a truth value `true` and a truth value `false` cannot be compared by `<`"),
        ("null >= 1", "null and a number `1` cannot be compared by `>=`"),
        ("1 < 'x'", "a number `1` and text `x` cannot be compared by `<`"),
        ("matrix.os", "the matrix has no `os`"),
        ("needs.biuld.outcome", "`biuld` is not among the needs of this stage"),
        ("stage.name", "`stage.name` is not known here"),
        ("hash('none')", "`hash('none')` matches no file"),
    ])
    func `what has no value is an error`(text: String, message: String) throws {
        let expression = try Expression.parse(text)
        let error = #expect(throws: ExpressionError.self) { try expression.evaluate(in: Self.context) }
        #expect(error?.message == message)
    }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("$ {{ }} $", "$ {{ }} $"), ("ci-${{ ref.name }}", "ci-develop"),
        ("${{matrix.db}}/${{ matrix.swift }}!", "sqlite/6.3!"), ("${{ env.MISSING }}", ""), ("${{ '${{' }}", "${{"),
        ("${{ '}}' }}", "}}"), ("$${{ 1 }}", "$1"), ("${{ 6.0 }} ${{ 6.5 }} ${{ true }}", "6 6.5 true"),
        ("ä${{ \"é\" }}ü", "äéü"),
    ])
    func `templates become text`(text: String, result: String) throws {
        #expect(try Template.parse(text).evaluate(in: Self.context) == result)
    }

    @Test(arguments: [
        ("a ${{ ref.name", "the `${{` that starts here has no closing `}}`", 2),
        ("a ${{ }}", "an expression is missing", 6),
        ("ä ${{ ref.nam }}", "`ref` has no `nam`", 10),
        ("ä ${{ 'x }}", "the text that starts here has no closing `'`", 6),
        ("${{ ${{ 1 }} }}", "unexpected `$`", 4),
    ])
    func `a template says where it is wrong`(text: String, message: String, offset: Int) {
        let error = #expect(throws: ExpressionError.self) { try Template.parse(text) }
        #expect(error?.message == message)
        #expect(error?.offset == offset)
    }

    @Test(arguments: [
        ("ä ${{ ref.name }} ${{ matrix.dbb }}", 18),
        // A mark joins the brace before it to one character.
        ("e\u{301}\r\n${{ ref.name }}\u{301} ü${{ matrix.dbb }}", 19),
    ])
    func `an error of evaluation points at its braces`(text: String, offset: Int) throws {
        let template = try Template.parse(text)
        #expect(throws: ExpressionError("the matrix has no `dbb`", hint: "did you mean `db`?", offset: offset)) {
            try template.evaluate(in: Self.context)
        }
    }

    @Test func `a long text takes time as its length`() throws {
        let text = String(repeating: "ä${{ ref.name }} ", count: 20_000)
        var count = 0
        let took = try ContinuousClock().measure { count = try Template.parse(text).segments.count }
        #expect(count == 40_001)
        // Counted from the start for every segment, this took minutes.
        #expect(took < .seconds(5))
    }

    @Test func `a template knows what it refers to`() throws {
        #expect(try Template.parse("x").isLiteral)
        let template = try Template.parse("${{ env.A }}${{ hash('b') }}")
        #expect(!template.isLiteral)
        #expect(template.references.paths == [["env", "A"]])
        #expect(template.references.functions == ["hash"])
    }

    @Test func `variables are defined in order`() throws {
        var context = Self.context
        try context.define([
            Variable(name: "B", value: try Template.parse("${{ env.A }}2")),
            Variable(name: "C", value: try Template.parse("${{ env.B }}3")),
        ])
        #expect(try Template.parse("${{ env.C }}").evaluate(in: context) == "123")
    }
}
