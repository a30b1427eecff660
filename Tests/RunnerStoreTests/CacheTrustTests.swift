import FoundationEssentials
import Git
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct CacheTrustTests {
    private let caches: CacheFixture

    init() throws { caches = try CacheFixture() }

    private func find(_ key: String, fallback: [String] = [], as trust: RefTrust) throws -> CacheStore.Hit? {
        try caches.store(trust).find(CacheFixture.spec(key, fallback: fallback))
    }

    @Test func `a protected run does not see what an ordinary one saved`() throws {
        try caches.save("deps-1", ["a": "bad"])
        let search = try caches.store(.protected).search(CacheFixture.spec("deps-2", fallback: ["deps-"]))
        #expect(search.hit == nil)
        #expect(search.candidates.map(\.verdict) == [.otherTrust])
        #expect(try find("deps-1", as: .protected) == nil)
    }

    @Test func `an ordinary run sees what a protected one saved`() throws {
        try caches.save("deps-1", ["a": "good"], trust: .protected)
        #expect(try find("deps-1", as: .ordinary)?.entry.standing == .protected)
        #expect(try find("x", fallback: ["deps-"], as: .ordinary) != nil)
        #expect(try find("deps-1", as: .protected) != nil)
    }

    @Test func `an ordinary run does not take the key of a protected one away`() throws {
        try caches.save("k", ["a": "good"], trust: .protected)
        try caches.save("k", ["a": "newer"], over: find("k", as: .ordinary))
        let ordinary = try #require(try find("k", as: .ordinary))
        #expect(try caches.contents(ordinary) == ["a": "newer"])
        #expect(try caches.contents(#require(try find("k", as: .protected))) == ["a": "good"])
    }

    @Test func `an exact key comes before a newer fallback, whoever saved it`() throws {
        try caches.save("k-1", ["a": "exact"], trust: .protected)
        try caches.save("k-2", ["a": "newer"])
        #expect(try find("k-1", fallback: ["k-"], as: .ordinary)?.isExact == true)
    }

    @Test func `an entry that was saved before there was trust is ordinary`() throws {
        var entry = try caches.save("k", ["a": "old"])
        entry.trust = nil
        entry.ref = nil
        // As older runners named it, without whose it is.
        let keys = caches.root.appending("keys")
        let name = try #require(FileSystem.names(in: keys).first)
        try FileSystem.rename(keys.appending(name), to: keys.appending(String(name.suffix(64))))
        try JSON.write(entry, to: keys.appending(String(name.suffix(64))))
        #expect(try find("k", as: .ordinary)?.isExact == true)
        #expect(try find("x", fallback: ["k"], as: .ordinary) != nil)
        #expect(try find("k", fallback: ["k"], as: .protected) == nil)
    }

    @Test func `an entry over one of less trust is left out`() throws {
        let base = try caches.save("base", ["a": "bad"])
        var top = try caches.save("k", ["b": "good"], trust: .protected)
        top.parent = base.id
        try JSON.write(top, to: caches.root.appending("entries").appending(top.id).appending("meta.json"))
        try caches.store(.protected).publish(top, markDeep: false)
        #expect(try find("k", as: .protected) == nil)
    }
}
