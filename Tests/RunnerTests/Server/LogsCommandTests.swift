import FoundationEssentials
import RunnerAPI
import SystemPackage
import Testing

/// `runner logs` and `runner search` against a real daemon.
struct LogsCommandTests {
    private static let stages = """
          one: { steps: [{ name: first, run: 'echo a-1; echo a-2' }, { name: second, run: 'printf b-1' }] }
          two: { needs: [one], run: 'seq -f n-%g 100' }

        """

    @Test func `logs are chosen by stage, step, text and end`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--watch")
        func logs(_ arguments: String...) async throws -> [String] {
            let end = try await daemon.fixture.execute(RunnerFixture.program.string, ["logs", "1"] + arguments)
            return end.output.split(separator: "\n").map(String.init)
        }
        #expect(try await logs("one") == ["a-1", "a-2", "b-1"])
        #expect(try await logs("one", "--step", "second") == ["b-1"])
        #expect(try await logs("one", "--step", "1") == ["a-1", "a-2"])
        #expect(try await logs("two", "--tail", "2") == ["n-99", "n-100"])
        #expect(try await logs("two", "--grep", "n-9", "--tail", "3") == ["n-97", "n-98", "n-99"])
        #expect(try await logs("--grep=-1").prefix(2) == ["[one] a-1", "[one] b-1"])
        #expect(try await logs("one", "--json").first == #"{"line":"a-1","stage":"one","step":0}"#)
        #expect(try await logs("one", "--follow") == ["a-1", "a-2", "b-1"])
        let wrong = try await daemon.run("logs", "1", "ones", status: 2)
        #expect(wrong.errors.contains("did you mean `one`?"))
        #expect(try await daemon.run("logs", "1", "one", "--step", "frist", status: 2).errors.contains("`first`?"))
    }

    @Test(arguments: [["logs", "1", "--follow"], ["logs", "1", "count", "--follow"]])
    func `a log is followed to its end`(arguments: [String]) async throws {
        let lines = "  count: { run: 'for i in 1 2 3 4 5; do echo line-$i; sleep 0.2; done' }\n"
        let daemon = try await DaemonFixture(stages: lines)
        _ = try await daemon.start()
        let end = try await daemon.fixture.execute(RunnerFixture.program.string, arguments)
        let found = end.output.split(separator: "\n").map { $0.replacing("[count] ", with: "") }
        #expect(end.status == 0 && found == (1...5).map { "line-\($0)" }, "\(end.output)\(end.errors)")
    }

    @Test func `a text is found in all runs`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--watch")
        try await daemon.run("run", "ci", "--watch", "--no-reuse")
        let found = try await daemon.document(SearchAnswer.self, "search", "n-42", "--repository", "web")
        #expect(
            found.matches.map(\.run) == [2, 1] && found.matches.allSatisfy { $0.line == "n-42" && $0.stage == "two" }
        )
        #expect(try await daemon.run("search", "n-42").output.hasPrefix("run 2  ci/two: n-42\n"))
        #expect(try await daemon.run("search", "nowhere").errors.contains("0 lines in 2 runs"))
    }
}
