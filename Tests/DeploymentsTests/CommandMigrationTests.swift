import RunnerCore
import Testing

@testable import Deployments

@Suite(.timeLimit(.minutes(1)))
struct CommandMigrationTests {
    let scratch: DataScratch

    init() throws { scratch = try DataScratch() }

    private func run(_ up: String = "sed -i 's/pending/applied/' list", down: String?) -> MigrationRun {
        let commands = MigrationCommands(status: "cat list; echo warned >&2", up: up, down: down)
        return MigrationRun(
            settings: MigrationSettings(.command(commands)),
            artifact: scratch.path,
            environment: [:]
        ) { _ in }
    }

    @Test func `scripts tell and do`() async throws {
        try scratch.write(["list": "1 applied\n2 pending expand irreversible\n\n3 pending contract reversible\n"])
        let down = "echo \"$RUNNER_MIGRATION\" > target; sed -i '/^3/s/applied/pending/' list"
        let (run, done) = (run(down: down), Heard())
        try await run.up { id, _ in done.add(id) }
        #expect(done.lines == ["2", "3"])
        #expect(try await run.known() == ["1", "2", "3"])
        #expect(
            try await run.status() == [
                Migration(id: "1", isReversible: true, isApplied: true),
                Migration(id: "2", kind: .expand, isReversible: false, isApplied: true),
                Migration(id: "3", kind: .contract, isReversible: true, isApplied: true),
            ]
        )
        try await run.down(to: "2")
        #expect(try scratch.text("target") == "2\n")
        #expect(try await run.status().filter(\.isApplied).map(\.id) == ["1", "2"])
        let error = await #expect(throws: RunnerError.self) { try await run.down(to: "1") }
        #expect(error?.why == "there is no way back from `2`")
    }

    @Test func `scripts that succeed and do nothing are found out`() async throws {
        try scratch.write(["list": "1 applied\n2 pending\n"])
        let error = await #expect(throws: RunnerError.self) { try await run("true", down: nil).up() }
        #expect(error?.why == "`up` succeeded, yet `status` has as pending: `2`")
        try scratch.write(["list": "1 applied\n2 applied\n"])
        let back = await #expect(throws: RunnerError.self) { try await run(down: "true").down(to: "1") }
        #expect(back?.why == "`down` succeeded, yet `status` has as applied: `2`")
    }

    @Test(arguments: [
        ("1", "says neither `applied` nor `pending`"), ("1 done", "says neither `applied` nor `pending`"),
        ("1 applied maybe", "has the word `maybe`"), ("1 applied\n1 pending", "is there twice"),
    ])
    func `what status prints is checked`(text: String, words: String) {
        let error = #expect(throws: RunnerError.self) { try StatusLines.read(text, isReversible: true) }
        #expect(error?.why?.contains(words) == true)
    }

    @Test func `a script that fails says its last word`() async throws {
        try scratch.write(["list": "1 pending\n"])
        let error = await #expect(throws: RunnerError.self) { try await run("echo no luck; exit 4", down: nil).up() }
        #expect(error?.why == "its script ended with exit status 4: no luck")
    }
}
