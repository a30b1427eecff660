import FoundationEssentials
import Git
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct CacheDamageTests {
    private let caches: CacheFixture

    init() throws { caches = try CacheFixture() }

    private var spec: CacheSpec { CacheFixture.spec("k") }

    private func directory(_ entry: CacheEntry) -> FilePath { caches.root.appending("entries").appending(entry.id) }

    /// An entry `k` over `base`.
    private func stack(times: FileTimes = FileTimes()) throws -> (base: CacheEntry, top: CacheEntry) {
        let base = try caches.save("base", ["a": "1"])
        let hit = try caches.store().find(CacheFixture.spec("base"))
        return (base, try caches.save("k", ["b": "2"], over: hit, times: times))
    }

    private func expectDamaged(_ word: String) throws {
        let search = try caches.store().search(spec)
        #expect(search.hit == nil)
        let note = try #require(search.candidates.first { $0.verdict == .damaged }?.note)
        #expect(note.contains(word), "\(note)")
        // The work is done again, and what it leaves counts.
        try caches.save("k", ["c": "3"])
        #expect(try caches.contents(#require(try caches.store().find(spec))) == ["c": "3"])
    }

    @Test func `without a layer an entry is left out`() throws {
        let (_, top) = try stack()
        try TreeRemoval.remove(directory(top).appending("0"))
        try expectDamaged("missing")
    }

    @Test func `without what it lies over an entry is left out`() throws {
        let (base, _) = try stack()
        try TreeRemoval.remove(directory(base))
        try expectDamaged("missing")
    }

    @Test func `an entry over one whose record was cut off is left out`() throws {
        let (base, _) = try stack()
        try caches.scratch.write("{\"id\":\"", to: directory(base).appending("meta.json"))
        try expectDamaged("cut off")
    }

    @Test func `an entry that lies over itself is left out`() throws {
        var (base, top) = try stack()
        base.parent = top.id
        base.key = "k"
        try JSON.write(base, to: directory(base).appending("meta.json"))
        try expectDamaged("over itself")
    }

    @Test(arguments: ["../../../etc", "/etc", "", "ABCDEF", "12345678901234567"])
    func `an entry over a path is left out`(_ parent: String) throws {
        var (_, top) = try stack()
        top.parent = parent
        try caches.store().publish(top, markDeep: false)
        try expectDamaged("over no entry")
    }

    @Test func `a record whose name is a path is no entry`() throws {
        var (_, top) = try stack()
        top.id = "../../x"
        try caches.store().publish(top, markDeep: false)
        #expect(try caches.store().search(spec).candidates.allSatisfy { $0.key != "k" })
    }

    @Test func `an entry whose times are lost is left out`() throws {
        var times = FileTimes()
        times.want(Array("a.c".utf8), FileTimes.Stamp(content: .emptyTree, time: 7))
        let (_, top) = try stack(times: times)
        try FileSystem.write(Array("7 4b825d".utf8), to: directory(top).appending("times"))
        try expectDamaged("times")
    }

    @Test func `a cut-off key is a miss`() throws {
        _ = try stack()
        for name in FileSystem.names(in: caches.root.appending("keys")) {
            try caches.scratch.write("{", to: caches.root.appending("keys").appending(name))
        }
        #expect(try caches.store().search(spec).hit == nil)
    }

    /// 40 kills at any point of saving, each with what the next one finds.
    @Test func `a kill while saving leaves the old entry or the new one, whole`() async throws {
        try caches.save("k", ["a": "0", "b": "0"])
        let root = caches.root.string
        for round in 1...40 {
            let content = try caches.scratch.directory(UniqueName.make(), ["a": "\(round)", "b": "\(round)"])
            let (path, delay) = (content.string, UInt32(round * 60))
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [root = root as String, path = path as String, delay = delay as UInt32] in
                let store = CacheStore(FilePath(root), repository: "web")
                killThisProcess(after: delay)
                guard let run = RunNumber(1) else { return }
                try store.save(
                    CacheSpec(key: "k", fallback: [], paths: ["deps"]),
                    contents: [FilePath(path)],
                    base: nil,
                    tree: .emptyTree,
                    run: run
                )
                while true { pause() }
            }
            let found = try caches.contents(#require(try caches.store().find(spec)))
            #expect(found["a"] == found["b"] && found.count == 2)
        }
    }

    @Test func `of 8 processes that save one key at once each leaves it whole`() async throws {
        let root = caches.root.string
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                let home = try caches.scratch.directory("writer-\(writer)").string
                group.addTask {
                    await #expect(processExitsWith: .success) {
                        [root = root as String, home = home as String, writer = writer as Int] in
                        let store = CacheStore(FilePath(root), repository: "web")
                        let spec = CacheSpec(key: "k", fallback: [], paths: ["deps"])
                        for round in 0..<20 {
                            let content = FilePath(home).appending("\(round)")
                            try FileSystem.makeDirectories(content)
                            for name in ["a", "b"] {
                                try FileSystem.write(Array("\(writer)-\(round)".utf8), to: content.appending(name))
                            }
                            let base = try store.find(spec)
                            guard let run = RunNumber(writer + 1) else { return }
                            try store.save(spec, contents: [content], base: base, tree: .emptyTree, run: run)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let hit = try #require(try caches.store().find(spec))
        let found = try caches.contents(hit)
        #expect(found["a"] == found["b"] && found["a"]?.hasSuffix("-19") == true)
        let all = FileSystem.names(in: caches.root.appending("entries"))
        #expect(all.count == 160 && all.allSatisfy(CacheEntry.isName))
        let newest = try all.compactMap {
            try JSON.recall(CacheEntry.self, at: caches.root.pushing(FilePath("entries/\($0)/meta.json")))?.savedAt
        }.max()
        #expect(hit.entry.savedAt == newest)
    }
}
