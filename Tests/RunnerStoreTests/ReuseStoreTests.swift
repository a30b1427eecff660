import FoundationEssentials
import Git
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

extension OutcomeRecord {
    static func sample(
        _ key: String,
        run: Int = 1,
        trust: RefTrust = .ordinary,
        files: [File] = []
    ) throws -> OutcomeRecord {
        OutcomeRecord(
            key: .sha256(key),
            run: try #require(RunNumber(run)),
            repository: "web",
            pipeline: "ci",
            ref: "refs/heads/develop",
            trust: trust,
            tree: .emptyTree,
            result: StageResult(stage: StageID("test"), outcome: .succeeded, startedAt: Date()),
            files: files
        )
    }
}

@Suite struct ReuseStoreTests {
    private let scratch: Scratch
    private let state: StateDirectory
    private let store: ReuseStore
    private let target: StageDirectory

    init() throws {
        scratch = try Scratch()
        state = StateDirectory(scratch.path.appending("state"))
        try state.prepare()
        store = ReuseStore(state)
        target = StageDirectory(try scratch.directory("target"))
    }

    /// A stage's directory of run 1, as the run left it.
    private func stage(_ files: [String: String]) throws -> StageDirectory {
        let directory = state.run(try #require(RunNumber(1))).stage(StageID("test"))
        for (name, text) in files { try scratch.write(text, to: directory.path.pushing(FilePath(name))) }
        return directory
    }

    private func take(_ key: String, for trust: RefTrust = .ordinary) throws -> StageResult? {
        guard let record = try store.find(.sha256(key), for: trust).record else { return nil }
        return try store.take(record, into: target)
    }

    @Test(arguments: [
        (RefTrust.protected, RefTrust.protected, true), (.protected, .ordinary, true), (.ordinary, .ordinary, true),
        (.ordinary, .protected, false),
    ]) func `an outcome is taken by those who are trusted as much or less`(
        _ writer: RefTrust,
        _ reader: RefTrust,
        _ isTaken: Bool
    ) throws {
        try store.publish(.sample("key", trust: writer))
        let found = try store.find(.sha256("key"), for: reader)
        #expect((found.record != nil) == isTaken)
        #expect((found.refused != nil) == !isTaken)
    }

    @Test func `logs and reports come from the blobs where the run is gone`() throws {
        let directory = try stage(["01-test.log": "all fine\n", "reports/junit/a.xml": "<x/>", "spec.json": "{}"])
        try store.save(.sample("key"), files: directory)
        try TreeRemoval.remove(state.runs.appending("1"))
        #expect(try take("key")?.reusedFrom?.value == 1)
        #expect(try text(target.path.appending("01-test.log")) == "all fine\n")
        #expect(try text(target.path.pushing("reports/junit/a.xml")) == "<x/>")
        #expect(!FileSystem.exists(target.spec))
    }

    @Test func `a damaged blob is set aside, and nothing is taken`() throws {
        let directory = try stage(["01-test.log": "all fine\n"])
        try store.save(.sample("key"), files: directory)
        let blobs = BlobStore(state.blobs)
        try scratch.write("other", to: blobs.path(.sha256("all fine\n")))
        try TreeRemoval.remove(state.runs.appending("1"))
        #expect(try take("key") == nil)
        #expect(!blobs.contains(.sha256("all fine\n")))
    }

    @Test func `a log that was changed after the run is not linked`() throws {
        let directory = try stage(["01-test.log": "all fine\n"])
        try store.save(.sample("key"), files: directory)
        try scratch.write("all fine, and more\n", to: directory.path.appending("01-test.log"))
        #expect(try take("key") != nil)
        #expect(try text(target.path.appending("01-test.log")) == "all fine\n")
    }

    @Test func `an outcome whose artifact is gone is not taken`() throws {
        var record = try OutcomeRecord.sample("key")
        record.result.artifacts = [ArtifactReference(name: "app", digest: .sha256("app"), files: 1, bytes: 1)]
        try store.publish(record)
        #expect(try take("key") == nil)
    }

    @Test(arguments: ["../../x", "/etc/x", "a/../../x", "result.json", "key.json", "a//b", "", "./x"])
    func `a record with a name that leads elsewhere is no record`(_ name: String) throws {
        let file = OutcomeRecord.File(name: name, digest: .sha256("x"), bytes: 1)
        try store.publish(.sample("key", files: [file]))
        #expect(try store.find(.sha256("key"), for: .ordinary).record == nil)
    }

    @Test(arguments: ["", "{", "[]", "null", "{\"key\":1}"]) func `a damaged record is no record`(_ text: String) throws
    {
        try store.publish(.sample("key"))
        let path = try #require(try store.kept().first?.path)
        try scratch.write(text, to: path)
        #expect(try store.find(.sha256("key"), for: .ordinary).record == nil)
    }

    @Test func `a record under another key's name is no record`() throws {
        try store.publish(.sample("key"))
        let path = try #require(try store.kept().first?.path)
        let other = path.removingLastComponent().appending("\(Digest.sha256("other")).json")
        try FileSystem.rename(path, to: other)
        #expect(try store.find(.sha256("other"), for: .ordinary).record == nil)
    }

    @Test func `an outcome that was forgotten is not found`() throws {
        let record = try OutcomeRecord.sample("key")
        try store.publish(record)
        try store.forget(record)
        #expect(try store.find(.sha256("key"), for: .ordinary).record == nil)
    }

    @Test(arguments: [500, 2_000, 5_000, 12_000] as [UInt32]) func `a kill while saving leaves all or nothing`(
        _ delay: UInt32
    ) async throws {
        let names = (0..<20).map { "\($0).log" }
        _ = try stage(Dictionary(uniqueKeysWithValues: names.map { ($0, "log \($0)\n") }))
        let path = state.path.string
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, delay = delay as UInt32] in
            let state = StateDirectory(FilePath(path))
            let record = try OutcomeRecord.sample("key")
            killThisProcess(after: delay)
            while true {
                try ReuseStore(state).save(record, files: state.run(record.run).stage(record.result.stage))
            }
        }
        try TreeRemoval.remove(state.runs.appending("1"))
        guard try store.find(.sha256("key"), for: .ordinary).record != nil else { return }
        #expect(try take("key") != nil)
        #expect(FileSystem.names(in: target.path) == names.sorted())
    }

    @Test func `an outcome and its files go when there is no room for them, and no others`() async throws {
        let fixture = try await StateFixture()
        let store = ReuseStore(fixture.state)
        let directory = fixture.state.run(try #require(RunNumber(1))).stage(StageID("test"))
        try fixture.scratch.write("old log\n", to: directory.path.appending("01-test.log"))
        try store.save(.sample("old"), files: directory)
        let old = try #require(try store.kept().first?.path)
        let time = timespec(tv_sec: Glibc.time(nil) - 10 * 86_400, tv_nsec: 0)
        utimensat(AT_FDCWD, old.cString, [time, time], AT_SYMLINK_NOFOLLOW)
        try fixture.scratch.write("new log\n", to: directory.path.appending("01-test.log"))
        try store.save(.sample("new"), files: directory)
        let options = ServerOptions(budgets: [.caches: .init(age: .seconds(86_400))], minimumFree: 0)
        _ = try await Eviction(fixture.state, fixture.database, options).run(isDryRun: false)
        let blobs = BlobStore(fixture.state.blobs)
        #expect(try store.kept().compactMap { $0.record?.key } == [.sha256("new")])
        #expect(!blobs.contains(.sha256("old log\n")) && blobs.contains(.sha256("new log\n")))
    }
}
