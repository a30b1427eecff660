import PipelineSyntax
import RunnerCore
import Testing

/// What each value allows and the values together do not.
@Suite struct MeaningFindingTests {
    static let graph: [Row] = [
        .stages(
            "  a: { run: x, needs: [c] }\n  build: { run: x, needs: a }\n",
            "3:24",
            "`needs` names an unknown stage `c`"
        ),
        .stages("  lint: { run: x }\n  b: { run: x, needs: lnit }\n", "4:23", "unknown stage `lnit`", hint: "`lint`?"),
        .stages("  a: { run: x, needs: [a] }\n", "3:24", "the stage `a` needs itself"),
        .stages("  a: { run: x }\n  b: { run: x, needs: [a, a] }\n", "4:27", "`a` stands in `needs` twice"),
        .stages(
            "  a: { run: x, needs: [b] }\n  b: { run: x, needs: c }\n  c: { run: x, needs: [a] }\n"
                + "  d: { run: x, needs: a }\n",
            "5:24",
            "in a circle: `a` needs `b` needs `c` needs `a`"
        ),
        .stages(
            "  a: { run: x, needs: f }\nfinally: { f: { run: y } }\n",
            "3:23",
            "needs `f`, which stands in `finally`"
        ),
        .stages(
            "  a: { run: x }\nfinally: { f: { run: y, needs: a } }\n",
            "4:32",
            "needs `a`, which stands in `stages`"
        ),
        .stages("  a: { run: x }\nfinally: { a: { run: y } }\n", "4:12", "the stage `a` stands in `stages` already"),
        .stages("  a: { env: { A: b } }\n", "3:3", "the stage `a` does nothing", hint: "`run`, `steps` or `deploy`"),
        .stages("  a: { run: x, steps: [{ run: y }] }\n", "3:16", "the stage `a` has both `run` and `steps`"),
        .stages("  a: {}\n", "3:3", "the stage `a` does nothing"),
        .stages(
            "  a: { run: x, artifacts: { p: y } }\n  b: { run: x, artifacts: { p: z } }\n",
            "4:29",
            "the artifact `p` is made by the stage `a` already"
        ),
        .stages(
            "  a: { run: x, artifacts: { app: y } }\n  b: { needs: a, deploy: { environment: e, artifact: apd } }\n",
            "4:54",
            "unknown artifact `apd`",
            hint: "`app`?"
        ),
        .stages(
            "  a: { run: x, artifacts: { app: y } }\n  b: { deploy: { environment: e, artifact: app } }\n",
            "4:44",
            "is made by `a`, which the stage does not need",
            hint: "add `needs: [a]`"
        ),
        .stage(
            "run: x\nneeds-artifact: [{ pipeline: p, name: a }, { pipeline: q, name: a }]",
            "5:69",
            "takes two artifacts as `a`",
            hint: "add `as`"
        ),
        .stages(
            "  a: { run: x, artifacts: { app: y } }\n"
                + "  b: { needs: a, run: x, needs-artifact: { pipeline: p, name: c, as: app } }\n",
            "4:70",
            "gets `app` from `a`, too",
            hint: "another name"
        ),
        .stages(
            "  a: { deploy: { environment: e }, image: x }\n",
            "3:36",
            "`image` has no meaning in a stage that deploys"
        ),
        .stage("run: x\nservices: { db: { ready: y } }", "5:17", "the service `db` does nothing"),
        .stage("run: x\nmatrix: { a: [b, b] }", "5:22", "`b` stands in the axis `a` twice"),
        .stage(
            "run: x\nmatrix: { os: [b], exclude: [{ oss: b }] }",
            "5:36",
            "`exclude` names an unknown axis `oss`",
            hint: "`os`?"
        ),
        .stage("run: x\nmatrix: {}", "5:5", "`matrix` is empty"),
        .stage("run: x\nmatrix: { \(axes) }", "5:5", "over a million combinations"),
    ]

    private static let axes = (1...30).map { "a\($0): [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]" }.joined(separator: ", ")

    static let expressions: [Row] = [
        .stage(
            "run: x\nartifacts: { a: \"x/${{ ref.name }}\" }",
            "5:24",
            "`a` has an expression, which is not expanded here"
        ),
        .stage("run: x\nif: ref.nam == 'a'", "5:13", "`ref` has no `nam`", hint: "`ref.name`?"),
        .stage("run: x\nif: \"${{ ref.nam == 'a' }}\"", "5:18", "`ref` has no `nam`"),
        .stage("run: x\nif: ref.name == ", "5:20", "`if` cannot be read"),
        .stage("run: x\nenv: { A: \"b ${{ foo }}\" }", "5:22", "`A` cannot be read: unknown name `foo`"),
        .stage("run: x\nenv: { A: 'it''s ${{ foo }}' }", "5:26", "unknown name `foo`"),
        .stage("run: x\nenv: { A: \"a\\tb ${{ foo }}\" }", "5:25", "unknown name `foo`"),
        .stage("run: x\nenv: { A: \"b ${{ ref.name\" }", "5:18", "`A` cannot be read"),
        .stage("run: x\nenv:\n  A: >-\n    one\n    two ${{ foo }}", "8:17", "unknown name `foo`"),
        .stage(
            "run: echo ${{ ref.name }}",
            "4:15",
            "`run` has an expression, which is not expanded",
            hint: "env: { NAME: \"${{ ref.name }}\" }"
        ),
        .stage("run: |\n  set -x\n\n  echo ${{ ref.name }}", "7:12", "`run` has an expression"),
        .stage("run: |\n  set -x\n    deeper ${{ ref.name }}", "6:16", "`run` has an expression"),
        .stage("steps:\n  - run: make ${{ matrix.a }}", "5:19", "`run` has an expression"),
        .stage("run: x\nenv: { A: \"${{ matrix.os }}\" }", "5:20", "`matrix.os` is not an axis of the stage `s`"),
        .stage(
            "run: x\nmatrix: { os: [a] }\nimage: \"${{ matrix.so }}\"",
            "6:17",
            "`matrix.so` is not an axis",
            hint: "`matrix.os`?"
        ),
        .stage("run: x\nif: inputs.level == 'a'", "5:9", "`inputs.level` is not declared in `on.manual.inputs`"),
        .stage(
            "run: x\nif: needs.a.outcome == 'failed'",
            "5:9",
            "`needs.a` does not stand in `needs` of the stage `s`"
        ),
        .stages(
            "  a: { run: x }\n  b: { run: x, env: { A: \"${{ needs.a.outputs.v }}\" } }\n",
            "4:31",
            "`needs.a` does not stand in `needs`",
            hint: "add `a` to `needs`"
        ),
        .stage(
            "run: x\nmatrix: { a: [\"${{ matrix.a }}\"] }",
            "5:20",
            "an item of `a` has an expression, which is not expanded here"
        ),
        Row(
            "on: { manual: }\nenv: { A: \"${{ matrix.a }}\" }\nstages: { s: { run: x } }\n",
            "2:16",
            "`matrix.a` has no value here"
        ),
        Row(
            "on: { manual: }\nconcurrency: \"${{ needs.a.outcome }}\"\nstages: { s: { run: x } }\n",
            "2:19",
            "`needs.a` has no value here"
        ),
    ]

    static let warnings: [Row] = [
        Row("stages: { s: { run: x } }\n", "1:1", "nothing starts this pipeline: it has no `on`"),
        Row("on: {}\nstages: { s: { run: x } }\n", "1:1", "nothing starts this pipeline: `on` is empty"),
        Row("on: { paths: a }\nstages: { s: { run: x } }\n", "1:1", "`paths` only narrows"),
        Row("on: { branches: \"!a\" }\nstages: { s: { run: x } }\n", "1:7", "`branches` only takes away"),
        .stage("run: x\ntimeout: 0", "5:14", "`timeout` is 0"),
        .stage(
            "run: x\nenv: { NPM_TOKEN: abc }",
            "5:23",
            "`NPM_TOKEN` looks like a secret",
            hint: "secrets: [NPM_TOKEN]"
        ),
        .stage("steps: [{ run: x, env: { DB_PASSWORD: abc } }]", "4:43", "`DB_PASSWORD` looks like a secret"),
    ]

    @Test(arguments: graph)
    func `stages that do not fit together are found at their place`(row: Row) { row.check(.error) }

    @Test(arguments: expressions)
    func `an expression that means nothing is found at its place`(row: Row) { row.check(.error) }

    @Test(arguments: warnings)
    func `what is surely a mistake is a warning and still a pipeline`(row: Row) {
        row.check(.warning)
        #expect(PipelineParser.parse(file: "f.yml", bytes: Array(row.text.utf8)).pipeline != nil)
    }

    @Test func `two circles are two findings`() {
        let stages =
            "  a: { run: x, needs: b }\n  b: { run: x, needs: a }\n"
            + "  c: { run: x, needs: d }\n  d: { run: x, needs: c }\n"
        let found = findings(in: "on: { manual: }\nstages:\n" + stages)
        #expect(found.map(\.location.line) == [4, 6])
    }
}
