import Foundation
import RunnerStore
import SystemPackage
import Testing

@Suite struct BlobStoreTests {
    private let place: Scratch
    private let store: BlobStore

    init() throws {
        place = try Scratch()
        store = BlobStore(place.path.appending("blobs"))
    }

    private func file(_ name: String, _ data: Data) throws -> FilePath {
        let path = place.path.appending(name)
        try data.write(to: URL(filePath: path.string))
        return path
    }

    @Test(arguments: [0, 1, 131_072, 131_073, 5_000_000]) func `what is put comes back to the byte`(_ count: Int) throws
    {
        var data = Data(repeating: 7, count: count)
        for index in stride(from: 0, to: count, by: 3) { data[index] = UInt8(truncatingIfNeeded: index &* 31) }
        let kept = try store.put(try file("source", data))
        #expect(kept.bytes == Int64(count))
        #expect(kept.digest == Digest.sha256(data))
        let copy = place.path.appending("copy")
        #expect(try store.get(kept.digest, to: copy))
        #expect(try Data(contentsOf: URL(filePath: copy.string)) == data)
    }

    @Test func `what is not there makes no file`() throws {
        let copy = place.path.appending("copy")
        #expect(try !store.get(Digest.sha256("nothing"), to: copy))
        #expect(!FileSystem.exists(copy))
    }

    @Test(arguments: ["other bytes", "cut", "no zstd"]) func `a damaged file is set aside and can be put again`(
        _ damage: String
    ) throws {
        let source = try file("source", Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) }))
        let kept = try store.put(source)
        let path = store.path(kept.digest)
        var bytes = try Data(contentsOf: URL(filePath: path.string))
        switch damage {
        case "other bytes":
            let other = try store.put(try file("other", Data("other".utf8)))
            bytes = try Data(contentsOf: URL(filePath: store.path(other.digest).string))
        case "cut": bytes = bytes.dropLast(10)
        default: bytes = Data("plain text".utf8)
        }
        try FileSystem.write(bytes, to: path)
        let copy = place.path.appending("copy")
        #expect(try !store.get(kept.digest, to: copy))
        #expect(!FileSystem.exists(copy) && !store.contains(kept.digest))
        #expect(FileSystem.names(in: place.path.appending("blobs").appending("damaged")).count == 1)
        _ = try store.put(source)
        #expect(try store.get(kept.digest, to: copy))
    }

    @Test func `text takes less room`() throws {
        let text = Data(String(repeating: "a line of a log\n", count: 10_000).utf8)
        let kept = try store.put(try file("log", text))
        let size = try FileManager.default.attributesOfItem(atPath: store.path(kept.digest).string)[.size] as? Int
        #expect((size ?? .max) < text.count / 20)
    }
}
