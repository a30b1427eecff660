import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct BuildCacheStoreTests {
    private let scratch: Scratch
    private let state: StateDirectory

    init() throws {
        scratch = try Scratch()
        state = StateDirectory(scratch.path.appending("state"))
        try state.prepare()
    }

    private func store(_ repository: String = "web", _ trust: RefTrust = .ordinary) -> BuildCacheStore {
        BuildCacheStore(state, repository: repository, trust: trust)
    }

    private static func put(_ text: String, _ entry: BuildCacheEntry, _ store: BuildCacheStore) throws -> Bool {
        let body = try store.receive()
        try Array(text.utf8).withUnsafeBytes { try body.append($0) }
        return try store.keep(body, as: entry)
    }

    private func get(_ entry: BuildCacheEntry, _ store: BuildCacheStore) throws -> String? {
        guard let body = try store.find(entry) else { return nil }
        return String(decoding: try body.read(at: 0, count: Int(body.bytes)), as: UTF8.self)
    }

    private static func action(_ name: String = "work") -> BuildCacheEntry { .init(kind: .action, key: .sha256(name)) }
    private static func content(_ text: String) -> BuildCacheEntry { .init(kind: .content, key: .sha256(text)) }

    @Test(arguments: [
        (RefTrust.ordinary, RefTrust.ordinary, true), (.protected, .ordinary, true), (.protected, .protected, true),
        (.ordinary, .protected, false),
    ]) func `what an action gave is seen by those who are trusted as much or less`(
        _ writer: RefTrust,
        _ reader: RefTrust,
        _ isSeen: Bool
    ) throws {
        #expect(try Self.put("result", Self.action(), store("web", writer)))
        #expect(try get(Self.action(), store("web", reader)) == (isSeen ? "result" : nil))
    }

    @Test func `bytes are kept under their digest alone`() throws {
        #expect(try Self.put("bytes", Self.content("bytes"), store()))
        #expect(try get(Self.content("bytes"), store("web", .protected)) == "bytes")
        #expect(try !Self.put("others", Self.content("bytes too"), store()))
        #expect(try get(Self.content("bytes too"), store()) == nil)
        #expect(try get(Self.content("others"), store()) == nil)
    }

    @Test func `who knows a digest gets no other repository's bytes`() throws {
        #expect(try Self.put("bytes", Self.content("bytes"), store("web")))
        #expect(try Self.put("result", Self.action(), store("web")))
        #expect(try get(Self.content("bytes"), store("api")) == nil)
        #expect(try get(Self.action(), store("api")) == nil)
    }

    @Test func `a damaged file is not given out, and can be kept again`() throws {
        #expect(try Self.put("result", Self.action(), store()))
        for file in try BuildCacheStore.files(in: state) where file.string.hasSuffix(".zst") {
            try FileSystem.write(Array("poison".utf8), to: file)
        }
        #expect(try get(Self.action(), store()) == nil)
        #expect(try Self.put("result", Self.action(), store()))
        #expect(try get(Self.action(), store()) == "result")
    }

    @Test func `eight writers of one key leave one whole body`() async throws {
        let store = store()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for _ in 0..<20 {
                        _ = try Self.put(String(repeating: "\(writer)", count: 70_000), Self.action(), store)
                    }
                }
            }
            try await group.waitForAll()
        }
        let text = try #require(try get(Self.action(), store))
        #expect(text.count == 70_000 && Set(text).count == 1)
    }

    @Test(arguments: [300, 1_500, 6_000] as [UInt32]) func `a kill while something comes in leaves nothing by half`(
        _ delay: UInt32
    ) async throws {
        let path = state.path.string
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, delay = delay as UInt32] in
            let store = BuildCacheStore(StateDirectory(FilePath(path)), repository: "web", trust: .ordinary)
            killThisProcess(after: delay)
            while true { _ = try Self.put(String(repeating: "x", count: 300_000), Self.action(), store) }
        }
        let text = try get(Self.action(), store())
        #expect(text == nil || text?.count == 300_000)
        #expect(try BuildCacheStore.files(in: state).allSatisfy { !($0.lastComponent?.string.hasPrefix(".") ?? true) })
    }

    @Test func `what build tools keep goes when there is no room for it`() async throws {
        let fixture = try await StateFixture()
        let store = BuildCacheStore(fixture.state, repository: "web", trust: .ordinary)
        #expect(try Self.put("result", Self.action(), store))
        let options = ServerOptions(budgets: [.caches: .init(size: 0)], minimumFree: 0)
        _ = try await Eviction(fixture.state, fixture.database, options).run(isDryRun: false)
        #expect(try BuildCacheStore.files(in: fixture.state).isEmpty)
        #expect(try store.find(Self.action()) == nil)
    }
}
