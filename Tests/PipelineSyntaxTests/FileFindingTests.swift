import PipelineSyntax
import RunnerCore
import Testing

/// What is wrong before any key has a meaning.
@Suite struct FileFindingTests {
    static let rows: [Row] = [
        Row("", "1:1", "the file is empty"),
        Row("# nothing\n", "1:1", "the file is empty"),
        Row("- a\n", "1:1", "the file must be a mapping with `name`"),
        Row("text", "1:1", "the file must be a mapping"),
        Row("stages: [\n", "2:1", "not YAML: did not find expected node content"),
        Row("a: 1\n---\nb: 2\n", "2:1", "not YAML", hint: "one document"),
        Row("stages:\n\ts: { run: x }\n", "2:1", "a tab cannot indent here", hint: "spaces"),
        Row("name: @x\n", "1:7", "not YAML", hint: "quote text that starts with `@`"),
        Row("name: *x\n", "1:7", "not YAML: found undefined alias", hint: "quote"),
        Row("env: { A: ${{ ref.name }} }\n", "1:12", "not YAML", hint: "quotes"),
        Row("name: a\u{1}b\n", "1:8", "not YAML: control characters are not allowed"),
        Row(
            "on: { manual: }\nstages: { s: { run: x } }\nname: a\nname: b\n",
            "4:1",
            "duplicate key `name`",
            hint: "line 3"
        ),
        Row("on: { manual: }\nstages:\n  s: { run: x, timeout: 1m, \"run\": y }\n", "3:29", "duplicate key `run`"),
        Row("on: { manual: }\nstages:\n  \"s\": { run: x }\n  s: { run: y }\n", "4:3", "duplicate key `s`"),
        Row(
            "on: { manual: }\nstages: { s: { run: x } }\n? [a]\n: b\n",
            "3:3",
            "a key must be text, found a collection"
        ),
        Row("on: { manual: }\n<<: 1\nstages: { s: { run: x } }\n", "2:5", "`<<` takes a mapping"),
    ]

    @Test(arguments: rows)
    func `a fault of the file is found at its place`(row: Row) { row.check(.error) }

    @Test func `three duplicate keys are three findings`() {
        let found = findings(in: "name: a\nname: b\nname: c\nstages: { s: { run: x, run: y } }\non: { manual: }\n")
        #expect(found.map { "\($0.location.line):\($0.location.column)" } == ["2:1", "3:1", "4:24"])
        #expect(found.allSatisfy { $0.message.hasPrefix("duplicate key") })
    }

    @Test func `a byte that is not UTF-8 is found at its place`() {
        let bytes = Array("name: ü\nname: é".utf8) + [0xFF, 0x0A]
        let found = PipelineParser.parse(file: "f.yml", bytes: bytes).diagnostics
        #expect(found.map(\.description) == ["f.yml:2:8: error: the file is not UTF-8 here (save it as UTF-8)"])
    }

    @Test func `UTF-16 is named`() {
        let found = PipelineParser.parse(file: "f.yml", bytes: [0xFF, 0xFE, 0x61, 0]).diagnostics
        #expect(found.map(\.message) == ["the file is UTF-16"])
    }

    @Test func `a byte order mark changes no column`() {
        let text = "nane: x\non: { manual: }\nstages: { s: { run: x } }\n"
        let found = PipelineParser.parse(file: "f.yml", bytes: [0xEF, 0xBB, 0xBF] + Array(text.utf8)).diagnostics
        #expect(found.map(\.location.description) == ["f.yml:1:1"])
    }

    @Test func `lines that end as Windows ends them change no position`() {
        let found = findings(in: "on: { manual: }\r\nstages:\r\n  s:\r\n    rum: x\r\n    run: x\r\n")
        #expect(found.map(\.location.description) == ["f.yml:4:5"])
    }

    @Test func `all findings come at once and by place`() {
        let found = findings(in: "nmae: x\non: { branches: [a?] }\nstages: { s: { run: x, needs: t, timeout: 5 } }\n")
        #expect(found.map(\.location.line) == [1, 2, 3, 3])
    }
}
