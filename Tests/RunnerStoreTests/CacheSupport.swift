import FoundationEssentials
import Git
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

/// The caches of a state directory, filled as stages fill them.
struct CacheFixture: Sendable {
    let scratch: Scratch
    let state: StateDirectory

    init() throws {
        scratch = try Scratch()
        state = StateDirectory(scratch.path.appending("state"))
        try state.prepare()
    }

    var root: FilePath { CacheStore.root(in: state) }

    func store(_ trust: RefTrust = .ordinary, repository: String = "web") -> CacheStore {
        CacheStore(root, repository: repository, trust: trust)
    }

    static func spec(_ key: String, fallback: [String] = [], paths: [String] = ["deps"]) -> CacheSpec {
        CacheSpec(key: key, fallback: fallback, paths: paths)
    }

    @discardableResult
    func save(
        _ key: String,
        _ files: [String: String],
        over base: CacheStore.Hit? = nil,
        trust: RefTrust = .ordinary,
        times: FileTimes = FileTimes()
    ) throws -> CacheEntry {
        let content = try scratch.directory(UniqueName.make(), files)
        return try save(key, content, over: base, trust: trust, times: times)
    }

    @discardableResult
    func save(
        _ key: String,
        _ content: FilePath,
        over base: CacheStore.Hit? = nil,
        trust: RefTrust = .ordinary,
        times: FileTimes = FileTimes()
    ) throws -> CacheEntry {
        let run = try #require(RunNumber(1))
        return try store(trust).save(
            Self.spec(key),
            contents: [content],
            base: base,
            tree: .emptyTree,
            run: run,
            ref: "refs/heads/develop",
            times: times
        )
    }

    /// What a stage would see: the files of all layers, the newest over the others.
    func contents(_ hit: CacheStore.Hit) throws -> [String: String] {
        let whole = try scratch.directory(UniqueName.make())
        for layer in hit.layers[0].reversed() { try FileCopy.overlay(layer, onto: whole) }
        return try StateFixture.contents(whole).mapValues { String(decoding: $0, as: UTF8.self) }
    }
}
