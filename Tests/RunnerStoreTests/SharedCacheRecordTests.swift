import Foundation
import Git
import RunnerCore
import RunnerStore
import Testing

/// What a shared cache must be before anything of it is fetched.
@Suite struct SharedCacheRecordTests {
    private static let spec = CacheSpec(key: "deps-2", fallback: ["deps-"], paths: ["deps"])
    private static let scope = "web"

    private static func cache() throws -> SharedCache {
        let blob = Outbox.Entry.Blob(digest: .sha256("layer"), bytes: 5)
        let members = try [("b", "deps-2", "a"), ("a", "deps-1", nil)].map { id, key, parent in
            let entry = CacheEntry(
                id: id,
                repository: scope,
                key: key,
                paths: ["deps"],
                tree: try #require(ObjectID(String(repeating: "1", count: 40))),
                run: try #require(RunNumber(1)),
                savedAt: Date(),
                parent: parent,
                trust: .protected
            )
            return SharedCache.Member(entry: entry, packs: CachePacks(layers: [blob]))
        }
        return SharedCache(members: members)
    }

    @Test func `one that is what was asked for is taken`() throws {
        #expect(try Self.cache().answers(key: "deps-2", Self.spec, of: Self.scope, readable: [.protected]))
    }

    /// Each row spoils one thing.
    static let spoilers: [(String, @Sendable (inout SharedCache) -> Void)] = [
        ("no entry", { $0.members = [] }),
        ("another key", { $0.members[0].entry.key = "deps-3" }),
        ("another scope", { $0.members[1].entry.repository = "shop" }),
        ("other paths", { $0.members[1].entry.paths = ["../deps"] }),
        ("a name that is a path", { $0.members[0].entry.id = "../../x" }),
        ("less trust below", { $0.members[1].entry.trust = .ordinary }),
        ("a parent that is not next", { $0.members[0].entry.parent = "c" }),
        ("a last one with a parent", { $0.members[1].entry.parent = "c" }),
        ("the same twice", { $0.members[1].entry.id = "b" }),
        ("a layer too few", { $0.members[0].packs.layers = [] }),
        ("times that are not sent", { $0.members[0].entry.timed = 3 }),
    ]

    @Test(arguments: spoilers.indices) func `one that does not hang together is not`(_ row: Int) throws {
        var cache = try Self.cache()
        Self.spoilers[row].1(&cache)
        let isTaken = cache.answers(key: "deps-2", Self.spec, of: Self.scope, readable: [.protected])
        #expect(!isTaken, "\(Self.spoilers[row].0)")
    }
}
