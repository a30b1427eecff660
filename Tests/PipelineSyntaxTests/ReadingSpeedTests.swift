import Glibc
import PipelineSyntax
import RunnerCore
import Testing

/// Input that costs other readers of YAML seconds, gigabytes or their stack.
@Suite(.serialized) struct ReadingSpeedTests {
    struct Bomb: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var message: String
    }

    static let bombs: [Bomb] = [
        Bomb(testDescription: "a billion laughs", text: laughs, message: "more than 100000 values"),
        Bomb(
            testDescription: "a billion laughs by merges",
            text: laughs.replacing("[", with: "{<<: [").replacing("]", with: "]}").replacing(
                "{<<: [lol]}",
                with: "{l: o}"
            ),
            message: "more than 100000 values"
        ),
        Bomb(
            testDescription: "ten megabytes",
            text: "stages:\n" + String(repeating: "  # ten megabytes of it\n", count: 450_000),
            message: "at most 1048576 are read"
        ),
        Bomb(
            testDescription: "100,000 keys",
            text: (0..<100_000).map { "k\($0):" }.joined(separator: "\n"),
            message: "at most 20000 are read"
        ),
        Bomb(
            testDescription: "100,000 keys in one line",
            text: "{" + (0..<100_000).map { "k\($0)" }.joined(separator: ",") + "}",
            message: "more than 100000 values"
        ),
        Bomb(
            testDescription: "15,000 unknown keys",
            text: (0..<15_000).map { "key\($0): 1" }.joined(separator: "\n"),
            message: "more than 100 findings"
        ),
        Bomb(
            testDescription: "15,000 duplicate keys",
            text: (0..<15_000).map { "key\($0 % 7_500): 1" }.joined(separator: "\n"),
            message: "duplicate key"
        ),
        Bomb(testDescription: "900 levels", text: nested(900), message: "more than 50 levels"),
        Bomb(testDescription: "500,000 levels", text: nested(500_000), message: "not YAML"),
        Bomb(testDescription: "open lists", text: String(repeating: "[", count: 1_000_000), message: "not YAML"),
        Bomb(testDescription: "dashes", text: String(repeating: "- ", count: 500_000), message: "not YAML"),
        Bomb(
            testDescription: "a long line",
            text: "x: " + String(repeating: "a", count: 1_000_000) + "\n\ty",
            message: "not"
        ),
        Bomb(testDescription: "stages in a long chain", text: chain(2_000), message: "in a circle"),
        Bomb(testDescription: "very many stages", text: chain(10_000), message: "at most 2000 are read"),
        Bomb(testDescription: "stages that all need each other", text: dense, message: "does not need"),
        Bomb(
            testDescription: "a long text many times",
            text: "x-a: &a \"" + String(repeating: "a ", count: 200_000) + "\"\nstages: { s: { run: x, needs: ["
                + Array(repeating: "*a", count: 20_000).joined(separator: ",") + "] } }\n",
            message: "more than 4 MiB of text"
        ),
        Bomb(
            testDescription: "many spaces before a fault",
            text: "stages: { s: { if: '" + String(repeating: " ", count: 900_000) + "${{ foo }}' } }",
            message: "cannot be read"
        ),
        Bomb(
            testDescription: "many expressions in one text",
            text: "stages: { s: { run: x, env: { A: '" + String(repeating: "${{ matrix.a }}", count: 60_000)
                + "' } } }",
            message: "text with expressions has at most 8192"
        ),
        Bomb(
            testDescription: "many axes and unknown names",
            text: "stages: { s: { run: x, matrix: {"
                + (0..<15_000).map { "a\($0): [x]" }.joined(separator: ",") + "}, env: {"
                + (0..<200).map { "V\($0): '${{ matrix.b\($0) }}'" }.joined(separator: ",") + "} } }",
            message: "is not an axis"
        ),
    ]

    private static let laughs =
        "x0: &x0 [lol]\n"
        + (1...30).map { level in
            "x\(level): &x\(level) [" + Array(repeating: "*x\(level - 1)", count: 10).joined(separator: ",") + "]\n"
        }.joined()

    /// Each of 400 stages needs 120 before it, and deploys what it cannot reach.
    private static let dense =
        "stages:\n  maker: { run: x, artifacts: { a: b } }\n"
        + (0..<400).map { stage in
            let needs = (max(0, stage - 120)..<stage).map { "s\($0)" }.joined(separator: ",")
            let list = needs.isEmpty ? "" : "needs: [\(needs)], "
            return "  s\(stage): { \(list)deploy: { environment: e, artifact: a } }\n"
        }.joined()

    private static func nested(_ levels: Int) -> String {
        String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }

    private static func chain(_ count: Int) -> String {
        "stages:\n" + (0..<count).map { "  s\($0): { run: x, needs: s\(($0 + 1) % count) }\n" }.joined()
    }

    /// What this thread has worked: a busy machine must not look like a hang.
    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    @Test(arguments: bombs)
    func `hostile input is refused at once`(bomb: Bomb) {
        let bytes = Array(bomb.text.utf8)
        let begin = Self.processorTime
        let diagnostics = PipelineParser.parse(file: "f.yml", bytes: bytes).diagnostics
        let time = Self.processorTime - begin
        #expect(diagnostics.contains { $0.severity == .error && $0.message.contains(bomb.message) })
        #expect(diagnostics.allSatisfy { $0.description.utf8.count < 2_000 })
        #expect(time < .seconds(2))
    }
}
