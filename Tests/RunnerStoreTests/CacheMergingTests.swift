import FoundationEssentials
import Git
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct CacheMergingTests {
    private let caches: CacheFixture

    init() throws { caches = try CacheFixture() }

    private func find(_ key: String) throws -> CacheStore.Hit {
        try #require(try caches.store().find(CacheFixture.spec(key)))
    }

    @Test(arguments: [
        ([], 0), ([7], 0), ([3, 7], 0), ([4, 7], 2), ([0, 7], 0), ([1, 1, 100], 2), ([1, 3, 7], 0), ([2, 3, 7], 3),
        ([1, 10, 5, 100], 3), ([60, 30, 100], 3), ([0, 0, 0, 9], 3),
    ])
    func `a layer merges into one that is not twice as large`(_ names: [Int], _ count: Int) {
        #expect(CacheMerging.layersToMerge(names) == count)
    }

    @Test func `no depth is beyond the maximum`() {
        let names = (0..<20).map { Int(pow(3, Double($0))) }
        #expect(CacheMerging.layersToMerge(names) == 20 - CacheMerging.maximumDepth + 1)
    }

    @Test func `layers of many savings become few, and what they show stays`() throws {
        try caches.save("k", Dictionary(uniqueKeysWithValues: (0..<100).map { ("dir/\($0)", "0") }))
        var deepest = 1
        for round in 1...40 {
            try caches.save("k", ["dir/\(round % 7)": "\(round)", "new/\(round)": "\(round)"], over: find("k"))
            let before = try caches.contents(find("k"))
            _ = try CacheMerging(caches.state).run()
            #expect(try caches.contents(find("k")) == before)
            deepest = max(deepest, try find("k").layers[0].count)
        }
        #expect((2...6).contains(deepest), "\(deepest)")
    }

    @Test func `a merged layer has links to the files of those it stands for`() throws {
        try caches.save("k", ["a": "1"])
        try caches.save("k", ["b": "2"], over: find("k"))
        let old = try find("k").layers[0]
        #expect(try CacheMerging(caches.state).run() == ["merged 2 of 2 layers of cache `k`"])
        let merged = try find("k")
        #expect(merged.layers[0].count == 1 && merged.entry.parent == nil)
        let layer = merged.layers[0][0]
        #expect(FileFacts(layer.appending("a"))?.inode == FileFacts(old[1].appending("a"))?.inode)
        #expect(FileFacts(layer.appending("b"))?.inode == FileFacts(old[0].appending("b"))?.inode)
    }

    @Test func `times that an entry remembers stay when it is merged`() throws {
        var times = FileTimes()
        times.want(Array("a.c".utf8), FileTimes.Stamp(content: .emptyTree, time: 1_700_000_000_123_456_789))
        try caches.save("k", ["a": "1"])
        try caches.save("k", ["b": "2"], over: find("k"), times: times)
        let before = try find("k").entry
        _ = try CacheMerging(caches.state).run()
        let after = try find("k")
        #expect(after.times == times && after.entry.savedAt == before.savedAt && after.entry.mergedFrom == before.id)
    }

    @Test func `what was saved while layers were merged stays`() throws {
        try caches.save("k", ["a": "1"])
        let top = try caches.save("k", ["b": "2"], over: find("k"))
        var merged = top
        merged.id = UniqueName.make()
        let newest = try caches.save("k", ["c": "3"], over: find("k"))
        #expect(try !caches.store().publish(merged, markDeep: false, over: top.id))
        #expect(try find("k").entry.id == newest.id)
    }

    @Test func `layers that no key leads to go once they are old and nobody shows them`() throws {
        try caches.save("k", ["a": "1"])
        try caches.save("k", ["b": "2"], over: find("k"))
        let held = try find("k")
        let later = Date.now + 7200
        _ = try CacheMerging(caches.state).run(now: later)
        let entries = caches.root.appending("entries")
        #expect(FileSystem.names(in: entries).count == 3)
        #expect(try caches.contents(held) == ["a": "1", "b": "2"])
    }

    @Test func `layers that no key leads to and nobody shows stay for an hour, then go`() throws {
        try caches.save("k", ["a": "1"])
        try caches.save("k", ["b": "2"], over: find("k"))
        let entries = caches.root.appending("entries")
        _ = try CacheMerging(caches.state).run(now: .now + 3000)
        #expect(FileSystem.names(in: entries).count == 3)
        try FileSystem.write([UInt8](), to: caches.root.appending("deep").appending("any"))
        _ = try CacheMerging(caches.state).run(now: .now + 7200)
        #expect(try FileSystem.names(in: entries) == [find("k").entry.id])
    }

    @Test func `what lies in a layer is the same through merged ones, as the kernel shows them`() async throws {
        let home = try caches.scratch.directory("real")
        let overlay = try OverlayScript(home)
        let before = try await overlay.makeLayers(25)
        let layers = (0..<25).map { home.appending("layer-\($0)") }
        // The last one shows what all the others hide or not.
        #expect(before.split(separator: "\n").count > 20, "\(before)")
        for isBase in [false, true] {
            for cut in [2, 7, 13, 25] where isBase == (cut == 25) {
                let layer = home.appending("merged-\(cut)")
                var merge = LayerMerge(into: layer, isBase: isBase)
                try merge.run(layers.suffix(cut).reversed())
                let stack = [layer] + layers.dropLast(cut).reversed()
                #expect(try await overlay.show(stack) == before)
            }
        }
    }
}
