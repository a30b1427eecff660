import FoundationEssentials
import GRDB
import Git
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct StateCheckTests {
    private let fixture: StateFixture
    private var state: StateDirectory { fixture.state }

    init() async throws { fixture = try await StateFixture() }

    private func findings(isDeep: Bool = false) async throws -> [String] {
        try await StateCheck(state, fixture.database).run(isDeep: isDeep).map { "\($0.severity): \($0.words)" }
    }

    @Test func `a state where all is well has nothing to say`() async throws {
        try await fixture.finish(artifact: ["app": "app"])
        let running = try await fixture.begin()
        let lock = try FileLock(state.run(running).lock, wait: false)
        _ = try await fixture.database.add(DatabaseFixture.run(), of: fixture.web)
        _ = try StoreRepository(at: state.repositories.appending("web.git"))
        #expect(try await findings(isDeep: true).isEmpty)
        withExtendedLifetime(lock) {}
    }

    @Test func `a run and its files are compared`() async throws {
        let (lost, unread, alone) = (try await fixture.finish(), try await fixture.finish(), try await fixture.begin())
        try TreeRemoval.remove(state.run(lost).path)
        try fixture.scratch.write("{", to: state.run(unread).result)
        try FileSystem.makeDirectories(state.runs.appending("99"))
        let found = try await findings()
        #expect(found.count == 4)
        #expect(found.first == "error: run \(lost) has ended and its result is missing")
        #expect(found.dropFirst().first?.hasPrefix("error: the result of run \(unread) cannot be read") == true)
        #expect(found.contains("warning: run \(alone) is running and nobody supervises it"))
        #expect(found.contains("warning: the database knows no run 99"))
    }

    @Test func `a run that ended for a reason of its own needs no result`() async throws {
        let run = try await fixture.begin()
        try await fixture.database.finish(run, with: DatabaseFixture.result(run, .errored, reason: "it was killed"))
        #expect(try await findings().isEmpty)
    }

    @Test func `the files of artifacts are there, and deep down what they were`() async throws {
        try await fixture.finish(artifact: ["one": "1", "two": "2"])
        let blobs = try ArtifactStore(state.artifacts).kept().flatMap { $0.blobs.keys }
        try fixture.scratch.write("3", to: blobs[0])
        #expect(try await findings().isEmpty)
        #expect(try await findings(isDeep: true).first?.hasSuffix("was changed: its digest differs") == true)
        try TreeRemoval.remove(blobs[1])
        #expect(try await findings().first?.hasSuffix("is missing") == true)
        let list = try #require(try ArtifactStore(state.artifacts).kept().first?.path)
        try fixture.scratch.write("{}", to: list)
        #expect(try await findings() == ["error: the artifact's list of files was changed"])
    }

    @Test func `the stores are looked through`() async throws {
        let run = try await fixture.finish()
        let gone = OutcomeRecord.File(name: "01-test.log", digest: .sha256("gone"), bytes: 4)
        try ReuseStore(state).publish(.sample("a", run: run.value, files: [gone]))
        try ReuseStore(state).publish(.sample("b", run: 77, files: [gone]))
        try fixture.scratch.write("", to: state.repositories.appending("web.git").appending("HEAD"))
        try FileSystem.makeDirectories(state.work.appending("77-test"))
        try FileSystem.makeDirectories(state.work.appending("\(run)-test"))
        let found = try await findings()
        #expect(found.count == 3, "\(found)")
        #expect(found.first == "warning: 1 files of an outcome of run 77 are gone, and so is the run")
        #expect(found.contains { $0.hasPrefix("error: the mirror cannot be read") })
        #expect(found.last == "warning: the workspace belongs to no run")
    }

    @Test func `the database is read first, and the audit log`() async throws {
        try await fixture.database.write { try $0.execute(sql: "UPDATE audit SET actor = 'eve'") }
        #expect(try await findings() == ["error: line 1 of the audit log is missing or not as it was written"])
        var careless = Configuration()
        careless.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: state.database.string, configuration: careless)
        try await queue.write { try $0.execute(sql: "INSERT INTO ref VALUES (99, 'x', 'x', 'x')") }
        #expect(
            try await findings() == ["error: a row of `ref` refers to one of `repository` that is not there"]
        )
    }

    @Test func `nothing is repaired`() async throws {
        let run = try await fixture.finish(artifact: ["app": "app"])
        try fixture.scratch.write("{", to: state.run(run).result)
        try await fixture.database.checkpoint()
        let before = try StateFixture.contents(state.path)
        _ = try await findings(isDeep: true)
        #expect(try StateFixture.contents(state.path) == before)
    }
}
