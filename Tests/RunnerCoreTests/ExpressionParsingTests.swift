import RunnerCore
import Testing

@Suite struct ExpressionParsingTests {
    @Test(arguments: [
        "ref.name == 'develop' && success()", "!(matrix.a-b == \"x\")", "inputs['a b'] != null",
        "needs.a.outputs['k.l']",
        "needs.build-1.outcome == 'failed'", "hash('Package.resolved', '**/*.lock')", "-1.5 < 2", "'it''s'",
        "always() || failure() && !success()", "contains(commit.message, '[skip]')", "run.number >= 10", "env.A_B-C",
        "matrix.6", "\n\tstage.id\r\n",
    ])
    func `an expression is read and written back as it was`(text: String) throws {
        #expect(try Expression.parse(text).source == text)
    }

    @Test func `or binds looser than and, and comparison tighter than both`() throws {
        let node = try Expression.parse("ref.kind == 'tag' || true && !false").node
        let comparison = Expression.Node.compare(.equal, .path(["ref", "kind"]), .literal(.string("tag")))
        #expect(node == .or(comparison, .and(.literal(.bool(true)), .not(.literal(.bool(false))))))
    }

    @Test(arguments: [
        ("", "an expression is missing", 0, "write a value, as `ref.name`"),
        ("ref.name = 'x'", "unexpected `=`", 9, "to compare, write `==`"),
        ("true & false", "unexpected `&`", 5, "write `&&`"),
        ("true and false", "expected an operator, found `and`", 5, nil),
        ("not", "unknown name `not`", 0, "write `!`"),
        ("${{ true }}", "unexpected `$`", 0, "leave `${{` and `}}` out inside an expression"),
        ("'abc", "the text that starts here has no closing `'`", 0, "add `'`"),
        ("(true", "the `(` that starts here has no closing `)`", 0, nil),
        ("true)", "expected an operator, found `)`", 4, nil),
        ("1 < 2 < 3", "comparisons cannot be chained", 6, "join two comparisons with `&&`"),
        ("true &&", "expected a value, found the end", 7, nil),
        ("develop", "unknown name `develop`", 0, "text stands in quotes, as 'develop'"),
        ("reff.name", "unknown name `reff`", 0, "did you mean `ref`?"),
        ("ref.nam == 'x'", "`ref` has no `nam`", 4, "did you mean `ref.name`?"),
        ("ref", "`ref` is a group of values", 0, "write one of `ref.name`, `ref.full`, `ref.kind`"),
        ("matrix", "`matrix` is a group of values", 0, "write `matrix.NAME`"),
        ("ref.name.x", "`ref.name` is a single value and has no `x`", 9, nil),
        ("needs.a", "`needs.a` is a group of values", 0, "write `needs.STAGE.outcome` or `needs.STAGE.outputs.NAME`"),
        ("needs.a.outcom", "a need has no `outcom`", 8, "did you mean `outcome`?"),
        ("sucess()", "unknown function `sucess`", 0, "did you mean `success()`?"),
        ("success(1)", "`success` takes 0 arguments, not 1", 0, nil),
        ("startsWith('a')", "`startsWith` takes 2 arguments, not 1", 0, nil),
        ("hash()", "`hash` takes at least 1 argument, not 0", 0, nil),
        ("matrix[0]", "a name in quotes must stand in `[` `]`", 7, nil),
        ("ref.", "a name is missing after `.`", 4, nil),
        ("'ä' == 'é' + 1", "unexpected `+`", 11, "there is no arithmetic in expressions"),
        ("6abc", "unknown name `6abc`", 0, "text stands in quotes, as '6abc'"),
    ])
    func `what is wrong is said with its place`(text: String, message: String, offset: Int, hint: String?) {
        #expect(throws: ExpressionError(message, hint: hint, offset: offset)) { try Expression.parse(text) }
    }

    @Test(arguments: ["(", "!", "hash(", "true && ", "'a' == ("])
    func `one hundred thousand of anything is an error and not a crash`(part: String) {
        let text = String(repeating: part, count: 100_000) + "true"
        #expect(throws: ExpressionError.self) { try Expression.parse(text) }
    }

    @Test func `the deepest expression allowed is read and evaluated`() throws {
        let text = String(repeating: "!", count: 99) + "true"
        #expect(try Expression.parse(text).evaluate(in: EvaluationContext()) == .bool(false))
        #expect(throws: ExpressionError.self) { try Expression.parse("!" + text) }
    }

    @Test func `a long expression is refused`() {
        let text = "'" + String(repeating: "a", count: 5_000) + "' == 'b'"
        #expect(throws: ExpressionError("an expression has at most 4096 bytes", offset: 0)) {
            try Expression.parse(text)
        }
    }

    @Test func `all paths and functions are listed once`() throws {
        let references = try Expression.parse("needs.a.outcome == 'x' || ref.name == ref.name && !success()").references
        #expect(references.paths == [["needs", "a", "outcome"], ["ref", "name"]])
        #expect(references.functions == ["success"])
        #expect(references.judgesNeeds)
        #expect(references.uses("needs"))
        #expect(!references.uses("env"))
    }

    @Test(arguments: [
        ("needs.a.outputs.k == '1'", false), ("needs.a.outcome == 'failed'", true), ("always()", true),
        ("needs.a.outputs['outcome']", false),
    ])
    func `only status functions and outcomes judge needs`(text: String, judges: Bool) throws {
        #expect(try Expression.parse(text).references.judgesNeeds == judges)
    }
}
