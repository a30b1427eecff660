import PipelineSyntax
import RunnerCore
import Testing

@Suite struct IncludeTests {
    private func parse(_ files: [String: String]) -> (pipeline: Pipeline?, diagnostics: [Diagnostic]) {
        PipelineParser.parse(file: "ci.yml", bytes: Array((files["ci.yml"] ?? "").utf8)) { name in
            files[name].map { Array($0.utf8) }
        }
    }

    @Test func `stages and variables of included files are added`() {
        let result = parse([
            "ci.yml":
                "on: { manual: }\ninclude: [shared/a.yml, ./shared/b.yml]\n"
                + "env: { A: a }\nstages: { s: { run: x, needs: lint } }\n",
            "shared/a.yml": "env: { B: b }\nstages: { lint: { run: lint } }\n",
            "shared/b.yml": "include: shared/c.yml\nfinally: { report: { run: tell } }\n",
            "shared/c.yml": "x-note: 1\nstages: { docs: { run: docs } }\n",
        ])
        #expect(result.diagnostics.map(\.description) == [])
        #expect(result.pipeline?.stages.map(\.name) == ["s", "lint", "docs"])
        #expect(result.pipeline?.finally.map(\.name) == ["report"])
        #expect(result.pipeline?.env.map(\.name) == ["A", "B"])
        #expect(result.pipeline?.stages.last?.location.file == "shared/c.yml")
    }

    @Test func `all stages may come from included files`() {
        let result = parse(["ci.yml": "on: { manual: }\ninclude: a.yml\n", "a.yml": "stages: { s: { run: x } }\n"])
        #expect(result.pipeline?.stages.map(\.name) == ["s"])
    }

    @Test func `a file that two others include is added once`() {
        let result = parse([
            "ci.yml": "on: { manual: }\ninclude: [a.yml, b.yml]\n", "a.yml": "include: c.yml\n",
            "b.yml": "include: c.yml\n",
            "c.yml": "stages: { s: { run: x } }\n",
        ])
        #expect(result.pipeline?.stages.map(\.name) == ["s"])
    }

    static let good = "stages: { s: { run: x } }\n"

    @Test(arguments: [
        (
            ["ci.yml": "on: { manual: }\ninclude: a.yml\n" + good], "ci.yml:2:10",
            "the included file `a.yml` is not in the repository"
        ),
        (
            ["ci.yml": "on: { manual: }\ninclude: ../a.yml\n" + good], "ci.yml:2:10",
            "must be a path of a file of the repository"
        ),
        (
            ["ci.yml": "on: { manual: }\ninclude: /etc/a.yml\n" + good], "ci.yml:2:10",
            "must be a path of a file of the repository"
        ),
        (
            ["ci.yml": "on: { manual: }\ninclude: a.yml\n" + good, "a.yml": good], "ci.yml:3:11",
            "`s` in `stages` of `a.yml` is there already"
        ),
        (
            ["ci.yml": "on: { manual: }\ninclude: ci.yml\n" + good], "ci.yml:2:10",
            "in a circle: `ci.yml` includes `ci.yml`"
        ),
        (
            ["ci.yml": "on: { manual: }\ninclude: a.yml\n" + good, "a.yml": "include: ci.yml\n"], "a.yml:1:10",
            "in a circle: `ci.yml` includes `a.yml` includes `ci.yml`"
        ),
        (
            ["ci.yml": "on: { manual: }\ninclude: a.yml\n" + good, "a.yml": "on: {}\n"], "a.yml:1:1",
            "unknown key `on` in an included file"
        ),
        (
            ["ci.yml": "on: { manual: }\ninclude: a.yml\n" + good, "a.yml": "stages: { t: { run: [] } }\n"],
            "a.yml:1:21", "`run` must be a script"
        ),
        (["ci.yml": "on: { manual: }\ninclude: a.yml\n" + good, "a.yml": "stages: [\n"], "a.yml:2:1", "not YAML"),
        (
            ["ci.yml": "on: { manual: }\ninclude: a.yml\n", "a.yml": "env: { A: b }\n"], "ci.yml:1:1",
            "neither this file nor those it includes"
        ),
        (
            ["ci.yml": "on: { manual: }\ninclude: 0.yml\n" + good].merging(
                (0..<9).map { ("\($0).yml", "include: \($0 + 1).yml\n") },
                uniquingKeysWith: { $1 }
            ), "4.yml:1:10", "too many included files"
        ),
    ])
    func `a fault of an include is found at its place`(files: [String: String], place: String, message: String) {
        let found = parse(files).diagnostics
        #expect(found.map(\.location.description) == [place])
        #expect(found.first?.message.contains(message) == true, "\(found)")
    }

    @Test func `included files are bounded together`() {
        var files = ["ci.yml": "on: { manual: }\ninclude: [0.yml, 1.yml, 2.yml]\n" + Self.good]
        for number in 0..<3 { files["\(number).yml"] = "x-a: \"" + String(repeating: "a", count: 1_000_000) + "\"\n" }
        #expect(parse(files).diagnostics.map(\.message) == ["the included files have more than 2 MiB together"])
    }
}
