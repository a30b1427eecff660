import Foundation
import ObjectStorage
import RunnerCore
import Synchronization
import SystemPackage
import Testing

@testable import RunnerStore

/// Records and blobs in a store that others write to as well.
@Suite struct SharedStoreTests {
    private let place: Scratch
    private let shared: FilePath
    private let words = Words()
    private let record = SharedRecord(.outcome, .protected, .sha256("key"))

    /// What a store has told.
    private final class Words: Sendable {
        private let told = Mutex<[String]>([])
        var all: [String] { told.withLock(\.self) }
        func tell(_ text: String) { told.withLock { $0.append(text) } }
    }

    init() throws {
        place = try Scratch()
        shared = place.path.appending("shared")
        try FileSystem.makeDirectories(shared)
    }

    private func store(_ key: String = "a key of everybody") -> SharedStore {
        SharedStore(DirectoryObjects(shared), signing: key) { [words] in words.tell($0) }
    }

    private func path(_ record: SharedRecord) -> FilePath {
        shared.appending("records").appending("outcome").appending(record.level.rawValue).appending("\(record.name)")
    }

    @Test func `a signed record is read by whoever has the key`() async throws {
        #expect(await store().write(Data("content".utf8), as: record))
        #expect(await store().read(record) == Data("content".utf8))
        #expect(await store("another key").read(record) == nil)
        #expect(words.all.count == 1 && words.all[0].contains("is not signed with our key"))
    }

    @Test(arguments: ["byte", "level", "name", "cut", "empty", "no MAC"])
    func `a record that was changed or moved is not read`(_ damage: String) async throws {
        _ = await store().write(Data("content".utf8), as: record)
        var sealed = try #require(try FileSystem.read(path(record)))
        var target = record
        switch damage {
        case "byte": sealed[sealed.count - 1] ^= 1
        case "level": target.level = .ordinary
        case "name": target.name = .sha256("other")
        case "cut": sealed.removeLast()
        case "empty": sealed = Data()
        default: sealed = Data("content".utf8)
        }
        try FileSystem.makeDirectories(path(target).removingLastComponent())
        try FileSystem.write(sealed, to: path(target))
        #expect(await store().read(target) == nil)
        #expect(words.all.count == 1)
    }

    @Test func `of eight writers of one record one stays, whole`() async throws {
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                let store = store()
                group.addTask { _ = await store.write(Data(repeating: UInt8(writer), count: 10_000), as: record) }
            }
        }
        let content = try #require(await store().read(record))
        #expect(content.count == 10_000 && Set(content).count == 1)
        #expect(FileSystem.names(in: path(record).removingLastComponent()).count == 1)
    }

    @Test func `a blob that grows beyond what was said is not taken`() async throws {
        let bomb = place.path.appending("bomb")
        try FileSystem.write(Data(repeating: 0, count: 8 << 20), to: bomb)
        let blobs = BlobStore(place.path.appending("blobs"))
        let kept = try blobs.put(bomb)
        let there = await store().put(kept.digest, bytes: kept.bytes) { blobs.path(kept.digest) }
        #expect(there == .there)
        let target = place.path.appending("target")
        #expect(await store().fetch(kept.digest, bytes: 1000, to: target) == false)
        #expect(FileSystem.names(in: place.path).allSatisfy { !$0.hasPrefix("target") })
        #expect(await store().fetch(kept.digest, bytes: kept.bytes, to: target))
    }

    @Test func `whoever found a blob damaged writes it again`() async throws {
        let file = place.path.appending("file")
        try FileSystem.write(Data("bytes".utf8), to: file)
        let blobs = BlobStore(place.path.appending("blobs"))
        let kept = try blobs.put(file)
        let store = store()
        let put = { @Sendable in blobs.path(kept.digest) as FilePath? }
        #expect(await store.put(kept.digest, bytes: 5, packed: put) == .there)
        let blob = shared.appending("blobs").appending("\(kept.digest.description.prefix(2))").appending(
            "\(kept.digest).zst"
        )
        try FileSystem.write(Data("poison".utf8), to: blob)
        let target = place.path.appending("target")
        #expect(await store.fetch(kept.digest, bytes: 5, to: target) == false)
        #expect(await store.put(kept.digest, bytes: 5, packed: put) == .there)
        #expect(await store.fetch(kept.digest, bytes: 5, to: target))
    }

    @Test func `two failures in a row leave the store out, told once`() async throws {
        let store = SharedStore(DirectoryObjects(place.path.appending("nowhere")), signing: "k") { [words] in
            words.tell($0)
        }
        for _ in 0..<5 { #expect(await store.read(record) == nil) }
        #expect(await store.isLeftOut)
        #expect(words.all.count == 1 && words.all[0].hasPrefix("shared store left out: open "))
    }

    @Test func `an entry of the outbox whose bytes are gone is dropped, others are sent`() async throws {
        let state = StateDirectory(place.path.appending("state"))
        let outbox = Outbox(state)
        let gone = Outbox.Entry.Blob(digest: .sha256("gone"), bytes: 4)
        try outbox.add(
            .init(record: SharedRecord(.outcome, .ordinary, .sha256("a")), content: Data("a".utf8), blobs: [gone])
        )
        try outbox.add(.init(record: record, content: Data("b".utf8), blobs: []))
        try FileSystem.write(Data("{".utf8), to: state.path.appending("outbox").appending("torn.json"))
        await OutboxSender(state, to: store()).send()
        #expect(outbox.names == ["torn.json"])
        #expect(await store().read(record) == Data("b".utf8))
        #expect(await store().read(SharedRecord(.outcome, .ordinary, .sha256("a"))) == nil)
    }
}
