import Git
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct CacheStoreTests {
    private let scratch: Scratch
    private let store: CacheStore

    init() throws {
        scratch = try Scratch()
        store = CacheStore(scratch.path.appending("caches"), repository: "web-1")
    }

    private func spec(_ key: String, fallback: [String] = [], paths: [String] = ["deps"]) -> CacheSpec {
        CacheSpec(key: key, fallback: fallback, paths: paths)
    }

    private func save(_ key: String, _ content: String, over base: CacheStore.Hit? = nil) throws {
        let directory = try scratch.directory(UniqueName.make(), ["content": content])
        let run = try #require(RunNumber(1))
        try store.save(spec(key), contents: [directory], base: base, tree: .emptyTree, run: run)
    }

    private func content(_ hit: CacheStore.Hit?) throws -> [String?]? {
        try hit?.layers[0].map { try text($0.appending("content")) }
    }

    @Test func `what was not saved is a miss`() throws {
        #expect(try store.find(spec("a", fallback: ["", "a"])) == nil)
    }

    @Test func `what was saved is an exact hit`() throws {
        try save("a", "1")
        let hit = try #require(try store.find(spec("a")))
        #expect(hit.isExact && hit.entry.run.value == 1 && hit.entry.tree == .emptyTree)
        #expect(try content(hit) == ["1"])
    }

    @Test func `an entry lies over the one that it was restored from`() throws {
        try save("a", "1")
        try save("b", "2", over: store.find(spec("a")))
        try save("c", "3", over: store.find(spec("b")))
        #expect(try content(store.find(spec("c"))) == ["3", "2", "1"])
        #expect(try content(store.find(spec("a"))) == ["1"])
    }

    @Test func `an entry whose parent is gone is a miss`() throws {
        try save("a", "1")
        let base = try #require(try store.find(spec("a")))
        try save("b", "2", over: base)
        try TreeRemoval.remove(scratch.path.pushing(FilePath("caches/entries/\(base.entry.id)")))
        #expect(try store.find(spec("b", fallback: ["a"])) == nil)
    }

    @Test func `a fallback takes the newest entry of the first prefix that fits`() throws {
        for (key, content) in [("deps-1", "1"), ("deps-2", "2"), ("other-3", "3")] { try save(key, content) }
        let hit = try #require(try store.find(spec("deps-9", fallback: ["none", "deps-", "other-"])))
        #expect(!hit.isExact && hit.entry.key == "deps-2")
    }

    @Test func `a fallback passes an entry over that is damaged`() throws {
        try save("deps-1", "1")
        try save("deps-2", "2")
        let newest = try #require(try store.find(spec("deps-2")))
        try TreeRemoval.remove(newest.layers[0][0])
        #expect(try store.find(spec("x", fallback: ["deps-"]))?.entry.key == "deps-1")
    }

    @Test func `the last of two with one key counts`() throws {
        try save("a", "1")
        try save("a", "2")
        #expect(try content(store.find(spec("a"))) == ["2"])
    }

    @Test func `other paths and other repositories have other caches`() throws {
        try save("a", "1")
        #expect(try store.find(spec("a", fallback: [""], paths: ["build"])) == nil)
        let other = CacheStore(scratch.path.appending("caches"), repository: "api-2")
        #expect(try other.find(spec("a", fallback: [""])) == nil)
    }

    @Test(arguments: [
        "../../x", "a/b", "", String(repeating: "k", count: 10_000), "new\nline", "/etc/passwd", "%2e%2e/%2e%2e",
        "\u{1}\u{1b}[31m", "schlüssel-🔑", "..", ".",
    ])
    func `a key is never a path`(_ key: String) throws {
        try save(key, "1")
        #expect(try content(store.find(spec(key))) == ["1"])
        #expect(FileSystem.names(in: scratch.path.pushing("caches")) == ["entries", "keys", "lock"])
    }

    @Test func `a chain is taken in elsewhere, its layers by rename`() throws {
        try save("a", "1")
        try save("b", "2", over: store.find(spec("a")))
        let entry = try #require(try store.find(spec("b"))).entry
        let chain = try #require(try store.chain(of: entry))
        let other = CacheStore(scratch.path.appending("elsewhere"), repository: "web-1")
        for member in chain.entries.reversed() {
            let copy = scratch.path.appending(UniqueName.make())
            try FileSystem.makeDirectories(copy)
            try FileCopy.overlay(chain.layer(member, 0), onto: copy)
            try other.install(member, layers: [copy])
            #expect(!FileSystem.exists(copy))
        }
        #expect(try content(other.find(spec("b"))) == ["2", "1"])
        #expect(try content(other.find(spec("a"))) == ["1"])
    }

    @Test func `an entry that is taken in never leads to a path`() throws {
        try save("a", "1")
        let whole = try #require(try store.find(spec("a"))).entry
        for (id, parent, layers) in [("../x", nil, 1), ("1a", "../x", 1), ("1b", nil, 2), ("1c", nil, 0)] {
            var entry = whole
            entry.id = id
            entry.parent = parent
            let directories = try (0..<layers).map { try scratch.directory("\(id.suffix(1))-\($0)") }
            #expect(throws: RunnerError.self) { try store.install(entry, layers: directories) }
        }
        #expect(FileSystem.names(in: scratch.path.pushing("caches/entries")) == [whole.id])
    }

    @Test func `what changed nothing costs no layer`() throws {
        try save("a", "1")
        let base = try #require(try store.find(spec("a")))
        let run = try #require(RunNumber(2))
        try store.save(spec("b"), contents: nil, base: base, tree: .emptyTree, run: run)
        let bare = try #require(try store.find(spec("b")))
        try store.save(spec("c"), contents: nil, base: bare, tree: .emptyTree, run: run)
        let again = try #require(try store.find(spec("c")))
        #expect(try content(again) == ["1"])
        #expect(again.entry.parent == base.entry.id, "it lies over what has layers")
    }

    @Test func `contents that cannot be taken over leave nothing behind`() throws {
        let run = try #require(RunNumber(1))
        #expect(throws: SystemFailure.self) {
            try store.save(spec("a"), contents: [scratch.path.appending("no")], base: nil, tree: .emptyTree, run: run)
        }
        #expect(FileSystem.names(in: scratch.path.pushing("caches/entries")).isEmpty)
        #expect(try store.find(spec("a")) == nil)
    }
}
