import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

/// Artifacts that nobody uses lie compressed.
@Suite struct ColdArtifactTests {
    private let fixture: StateFixture
    private var store: ArtifactStore { ArtifactStore(fixture.state.artifacts) }

    init() async throws { fixture = try await StateFixture() }

    private static let lines = String(repeating: "a line that comes again\n", count: 5000)

    private func save(_ name: String, _ files: [String: String]) throws -> ArtifactReference {
        let directory = try fixture.scratch.directory(UniqueName.make(), files)
        let definition = ArtifactDefinition(name: name, paths: PatternList(["**"]))
        return try #require(try store.save(definition, from: directory))
    }

    private func age(_ reference: ArtifactReference, days: Int) {
        let time = timespec(tv_sec: Glibc.time(nil) - days * 86_400, tv_nsec: 0)
        utimensat(AT_FDCWD, store.manifestPath(reference.digest).cString, [time, time], AT_SYMLINK_NOFOLLOW)
    }

    private func evict() async throws -> EvictionReport {
        let options = ServerOptions(minimumFree: 0)
        return try await Eviction(fixture.state, fixture.database, options).run(isDryRun: false)
    }

    private func blobNames() -> [String] {
        let blobs = fixture.state.artifacts.appending("blobs")
        return FileSystem.names(in: blobs).flatMap { FileSystem.names(in: blobs.appending($0)) }
    }

    @Test func `what nobody used for a day is compressed, and comes back to the byte`() async throws {
        let reference = try save("app", ["big": Self.lines, "small/one": "1"])
        _ = try store.materialize(reference)
        age(reference, days: 2)
        let report = try await evict()
        #expect(report.compressed > 100_000 && report.problems.isEmpty, "\(report.problems)")
        #expect(blobNames().count { $0.hasSuffix(".zst") } == 1)
        #expect(!FileSystem.exists(fixture.state.artifacts.appending("trees").appending("\(reference.digest)")))
        #expect(try store.problems(isDeep: true).isEmpty)
        let tree = try store.materialize(reference)
        #expect(try text(tree.appending("big")) == Self.lines)
        #expect(!blobNames().contains { $0.hasSuffix(".zst") })
    }

    @Test func `a file of it can be read alone`() async throws {
        let reference = try save("app", ["big": Self.lines])
        age(reference, days: 2)
        _ = try await evict()
        let path = try #require(try store.file(.sha256(Self.lines), of: reference.digest))
        #expect(try text(path) == Self.lines)
    }

    @Test func `it is whole for who verifies it`() async throws {
        let reference = try save("app", ["big": Self.lines])
        age(reference, days: 2)
        _ = try await evict()
        #expect(try ArtifactInspection.files(of: reference.digest, in: fixture.state).isEmpty)
    }

    @Test func `what is used stays as it is, and what it shares with the unused`() async throws {
        let old = try save("old", ["shared": Self.lines, "own": Self.lines + "more"])
        let new = try save("new", ["shared": Self.lines])
        age(old, days: 2)
        _ = try await evict()
        #expect(blobNames().filter { $0.hasSuffix(".zst") } == ["\(Digest.sha256(Self.lines + "more")).zst"])
        #expect(try text(store.materialize(new).appending("shared")) == Self.lines)
        #expect(try text(store.materialize(old).appending("own")) == Self.lines + "more")
    }

    @Test func `what is gone through is not gone through again until it was used`() async throws {
        let reference = try save("app", ["big": Self.lines])
        age(reference, days: 2)
        #expect(try await evict().compressed > 0)
        #expect(try await evict().compressed == 0)
        _ = try store.materialize(reference)
        age(reference, days: 2)
        let marker = store.coldPath(reference.digest)
        let time = timespec(tv_sec: Glibc.time(nil) - 3 * 86_400, tv_nsec: 0)
        utimensat(AT_FDCWD, marker.cString, [time, time], AT_SYMLINK_NOFOLLOW)
        #expect(try await evict().compressed > 0)
    }

    @Test func `compressed files go with their artifact, and not before`() async throws {
        let reference = try save("app", ["big": Self.lines])
        age(reference, days: 2)
        _ = try await evict()
        _ = try await evict()
        #expect(blobNames().count == 1)
        let options = ServerOptions(budgets: [.artifacts: .init(size: 0)], minimumFree: 0)
        _ = try await Eviction(fixture.state, fixture.database, options).run(isDryRun: false)
        #expect(blobNames().isEmpty)
    }

    @Test func `a damaged file is set aside`() async throws {
        let reference = try save("app", ["big": Self.lines])
        age(reference, days: 2)
        _ = try await evict()
        let path = ArtifactStore.compressed(store.blobPath(.sha256(Self.lines), executable: false))
        try FileSystem.write(Array("no zstd".utf8), to: path)
        #expect(try store.problems(isDeep: true).count == 1)
        #expect(throws: RunnerError.self) { try store.materialize(reference) }
        #expect(!FileSystem.exists(path))
        _ = try save("app", ["big": Self.lines])
        #expect(try text(store.materialize(reference).appending("big")) == Self.lines)
    }

    @Test(arguments: [1_000, 4_000, 10_000, 25_000] as [UInt32]) func `a kill while compressing loses nothing`(
        _ delay: UInt32
    ) async throws {
        var files: [String: String] = [:]
        for number in 0..<40 { files["\(number)"] = Self.lines + "\(number)" }
        let reference = try save("app", files)
        age(reference, days: 2)
        try fixture.database.close()
        let path = fixture.state.path.string
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, delay = delay as UInt32] in
            let state = StateDirectory(FilePath(path))
            let store = ArtifactStore(state.artifacts)
            killThisProcess(after: delay)
            while true {
                for artifact in try store.kept() {
                    _ = try store.chill(artifact, unusedSince: .distantFuture, warm: [])
                }
            }
        }
        let tree = try store.materialize(reference)
        for (name, content) in files { #expect(try text(tree.appending(name)) == content) }
    }
}
