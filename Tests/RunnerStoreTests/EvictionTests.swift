import FoundationEssentials
import GRDB
import Git
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

/// Cleaning up real state directories.
@Suite(.serialized) struct EvictionTests {
    private let fixture: StateFixture
    private var state: StateDirectory { fixture.state }

    init() async throws { fixture = try await StateFixture() }

    private static func options(
        _ budgets: [ServerOptions.DataClass: ServerOptions.Budget] = [:],
        keepRuns: Duration? = nil
    ) -> ServerOptions {
        ServerOptions(budgets: budgets, minimumFree: 0, keepRuns: keepRuns)
    }

    private static let none = ServerOptions.Budget(size: 0)

    private func evict(_ options: ServerOptions, isDryRun: Bool = false) async throws -> EvictionReport {
        try await Eviction(state, fixture.database, options).run(isDryRun: isDryRun)
    }

    /// As if it had not been touched for days.
    private static func age(_ path: FilePath, days: Int) {
        let time = timespec(tv_sec: Glibc.time(nil) - days * 86_400, tv_nsec: 0)
        utimensat(AT_FDCWD, path.cString, [time, time], AT_SYMLINK_NOFOLLOW)
    }

    private func finish(daysAgo days: Double) async throws -> RunNumber {
        let run = try await fixture.finish()
        try await fixture.database.write { database in
            try database.execute(
                sql: "UPDATE run SET finishedAt = finishedAt - ? WHERE number = ?",
                arguments: [days * 86_400, run.value]
            )
        }
        return run
    }

    private func save(cache key: String, over base: CacheStore.Hit? = nil) throws -> CacheStore.Hit {
        let store = CacheStore(state.layers.appending("caches"), repository: "web")
        let spec = CacheSpec(key: key, fallback: [], paths: ["c"])
        let contents = try fixture.scratch.directory(UniqueName.make(), ["file": key])
        try store.save(spec, contents: [contents], base: base, tree: .emptyTree, run: try #require(RunNumber(1)))
        return try #require(try store.find(spec))
    }

    private func findings() async throws -> [StateFinding] {
        try await StateCheck(state, fixture.database).run(isDeep: true)
    }

    @Test func `runs beyond their time go with their rows, and their numbers are not given again`() async throws {
        let (old, new) = (try await finish(daysAgo: 100), try await finish(daysAgo: 1))
        let change = try await fixture.database.newestChange()
        let report = try await evict(Self.options(keepRuns: .seconds(90 * 86_400)))
        #expect(report.forgotten == [old] && report.removed.map(\.path) == [state.run(old).path.string])
        #expect(try await fixture.database.run(old) == nil)
        #expect(!FileSystem.exists(state.run(old).path) && FileSystem.exists(state.run(new).result))
        _ = try await evict(Self.options(keepRuns: .zero))
        #expect(try await fixture.database.runs(RunFilter()).isEmpty)
        let next = try await fixture.begin()
        #expect(next > new)
        #expect(try await fixture.database.run(next)?.change ?? 0 > change)
        #expect(try await findings().filter { $0.severity == .error }.isEmpty)
    }

    @Test func `a dry run says what would go and takes nothing`() async throws {
        let old = try await finish(daysAgo: 100)
        _ = try save(cache: "k")
        let options = Self.options([.caches: Self.none], keepRuns: .seconds(86_400))
        let dry = try await evict(options, isDryRun: true)
        #expect(dry.removed.count == 2 && dry.forgotten.isEmpty && dry.isDryRun)
        #expect(FileSystem.exists(state.run(old).result))
        let real = try await evict(options)
        #expect(real.removed.sorted { $0.path < $1.path } == dry.removed.sorted { $0.path < $1.path })
    }

    @Test func `a cache that a stage shows stays with all below it, whatever the budget`() async throws {
        let base = try save(cache: "a")
        let held = try save(cache: "b", over: base)
        _ = try save(cache: "c")
        let options = Self.options([.caches: ServerOptions.Budget(size: 1)])
        let report = try await evict(options)
        #expect(report.removed.count == 1)
        #expect(report.kept.map(\.why) == ["a stage uses it", "something rests on it that stays"])
        for layer in held.layers[0] { #expect(try text(layer.appending("file")) != nil) }
        withExtendedLifetime((base, held)) {}
    }

    @Test func `a cache that a stage showed goes once it has ended`() async throws {
        _ = try save(cache: "a")
        #expect(try await evict(Self.options([.caches: ServerOptions.Budget(size: 1)])).removed.count == 1)
    }

    @Test func `a cache that goes is a miss, and those above it go before`() async throws {
        // Whoever holds them keeps them: only their places are of use here.
        let places = try { () -> [FilePath] in
            let base = try save(cache: "a")
            return try save(cache: "b", over: base).layers[0]
        }()
        for layer in places { Self.age(record(layer), days: 3) }
        Self.age(record(try save(cache: "c").layers[0][0]), days: 1)
        let report = try await evict(Self.options([.caches: ServerOptions.Budget(age: .seconds(2 * 86_400))]))
        #expect(report.removed.map(\.path) == places.map { $0.removingLastComponent().string })
        let store = CacheStore(state.layers.appending("caches"), repository: "web")
        let found = try ["a", "b", "c"].map { try store.find(CacheSpec(key: $0, fallback: [], paths: ["c"])) != nil }
        #expect(found == [false, false, true])
        #expect(FileSystem.names(in: state.layers.pushing("caches/keys")).count == 1)
    }

    private func record(_ layer: FilePath) -> FilePath { layer.removingLastComponent().appending("meta.json") }

    @Test func `an artifact goes with the files that no other names`() async throws {
        let first = try await fixture.finish(artifact: ["shared": "both", "own": "one"])
        _ = try await fixture.finish(artifact: ["shared": "both", "other": "two"])
        let result = try #require(try JSON.read(RunResult.self, at: state.run(first).result))
        let reference = try #require(result.stages[0].artifacts.first)
        let store = ArtifactStore(state.artifacts)
        _ = try store.materialize(reference)
        Self.age(state.artifacts.appending("manifests").appending(reference.digest.description), days: 9)
        let report = try await evict(Self.options([.artifacts: ServerOptions.Budget(age: .seconds(86_400))]))
        #expect(report.removed.map(\.bytes) == [4096])
        let left = try StateFixture.contents(state.artifacts.appending("blobs")).values.map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(left.sorted() == ["both", "two"])
        #expect(try StateFixture.contents(state.artifacts.appending("trees")).isEmpty)
        #expect(throws: RunnerError.self) { try store.materialize(reference) }
        #expect(try await findings().isEmpty)
    }

    @Test func `an artifact stays as long as its pipeline wants it`() async throws {
        try await fixture.finish(artifact: ["a": "a"], keep: .seconds(3600))
        try await fixture.finish(artifact: ["b": "b"], keep: .zero)
        let report = try await evict(Self.options([.artifacts: Self.none]))
        #expect(report.removed.count == 1 && report.kept.count == 1)
        #expect(report.kept.first?.why.hasPrefix("its pipeline wants it until") == true)
    }

    @Test func `a mirror goes when its repository does, and not before`() async throws {
        for name in ["web", "gone"] { _ = try StoreRepository(at: state.repositories.appending("\(name).git")) }
        let report = try await evict(Self.options([.mirrors: Self.none]))
        #expect(report.removed.map(\.path) == [state.repositories.appending("gone.git").string])
        #expect(report.kept.map(\.why) == ["the repository is watched"])
    }

    @Test func `what open runs need stays`() async throws {
        let trees = state.layers.appending("trees")
        for tree in [ObjectID.emptyTree, DatabaseFixture.commit] {
            let layer = LayerStore.Layer(tree: tree, parent: nil, depth: 0, files: 0)
            try FileSystem.makeDirectories(trees.appending(tree.description).appending("files"))
            try JSON.write(layer, to: trees.appending(tree.description).appending("meta.json"))
        }
        let earlier = try await fixture.finish(artifact: ["a": "a"])
        let selection = RunSelection(takesFrom: earlier)
        let again = NewRun(plan: DatabaseFixture.plan(), selection: selection, cause: "again")
        _ = try await fixture.database.add(again, of: fixture.web)
        let options = Self.options([.layers: Self.none, .artifacts: Self.none, .logs: Self.none])
        let report = try await evict(options)
        #expect(report.removed.map(\.path) == [trees.appending(DatabaseFixture.commit.description).string])
        #expect(Set(report.kept.map(\.why)) == ["run 2 is to run", "run 2 takes from it"])
    }

    @Test func `what was asked to be kept stays`() async throws {
        let run = try await finish(daysAgo: 100)
        var live = EvictionShield()
        live.keep(run: run, because: "it is live on production")
        let options = Self.options(keepRuns: .seconds(86_400))
        let report = try await Eviction(state, fixture.database, options).run(isDryRun: false, protection: live)
        #expect(report.removed.isEmpty && report.kept.map(\.why) == ["it is live on production"])
    }

    @Test func `a kill at any point leaves nothing by half`() async throws {
        for _ in 0..<30 { _ = try await fixture.finish(artifact: ["a": UniqueName.make()]) }
        for key in 0..<30 { _ = try save(cache: "\(key)") }
        try fixture.database.close()
        let path = state.path.string
        for delay in [2_000, 8_000, 20_000] as [UInt32] {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, delay = delay as UInt32] in
                let state = StateDirectory(FilePath(path))
                let database = try RunnerDatabase(at: state.database)
                killThisProcess(after: delay)
                let options = Self.options([.caches: Self.none, .artifacts: Self.none], keepRuns: .zero)
                _ = try await Eviction(state, database, options).run(isDryRun: false)
                while true { try await Task.sleep(for: .seconds(60)) }
            }
            let database = try RunnerDatabase(at: state.database)
            let found = try await StateCheck(state, database).run(isDeep: true)
            #expect(found.filter { $0.severity == .error }.isEmpty, "\(found)")
            try database.close()
        }
        let database = try RunnerDatabase(at: state.database)
        let options = Self.options([.caches: Self.none, .artifacts: Self.none], keepRuns: .zero)
        _ = try await Eviction(state, database, options).run(isDryRun: false)
        let left = try StateFixture.contents(state.path).keys
            .filter { $0.contains("/") && $0 != "layers/caches/lock" }
        #expect(left.isEmpty, "\(left)")
    }

    @Test(.enabled(if: geteuid() == 0, "mounting takes root"))
    func `a disk without a free byte is cleaned up`() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10)
        let state = StateDirectory(disk.path.appending("state"))
        try state.prepare()
        let database = try RunnerDatabase(at: state.database)
        let web = try await database.put(RepositoryDefinition(name: "web", url: "/srv/web"), origin: .added).id
        for _ in 0..<20 {
            let run = try await database.add(DatabaseFixture.run(), of: web)
            _ = try await database.start(run)
            try await database.finish(run, with: DatabaseFixture.result(run, .succeeded))
            try fixture.scratch.write(String(repeating: "x", count: 1 << 17), to: state.run(run).supervisorLog)
        }
        try disk.fill()
        let problem = try DiskSpace.check(state, minimumFree: 1 << 20)
        #expect(problem == "the disk of `\(state.path)` has 0 B free, and new work waits for 1 MiB")
        let report = try await Eviction(state, database, Self.options(keepRuns: .zero)).run(isDryRun: false)
        #expect(report.forgotten.count == 20 && report.problems.isEmpty)
        #expect(FileSystem.names(in: state.runs).isEmpty)
        let free = try DiskSpace(at: state.path).freeBytes
        #expect(FileSystem.exists(state.reserve) || free < DiskReserve.bytes)
        _ = try await database.add(DatabaseFixture.run(), of: web)
        try database.close()
    }
}
