import Foundation
import ObjectServers
import SystemPackage
import Testing

@testable import ObjectStorage

/// What every store must do, of all of them: against two real servers, and in a directory.
@Suite struct ObjectStoreTests {
    enum Kind: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case rclone, moto, directory
        var testDescription: String { rawValue }
    }

    @Test(arguments: Kind.allCases) func `what was written is read`(_ kind: Kind) async throws {
        try await ObjectsFixture.with(kind) { fixture in
            let name = try fixture.name("records/outcome/ordinary/abc-1.json")
            #expect(try await fixture.store.read(name, limit: 100) == nil)
            #expect(try await fixture.store.size(name) == nil)
            try await fixture.store.write(Data("one".utf8), as: name)
            try await fixture.store.write(Data("second".utf8), as: name)
            #expect(try await fixture.store.read(name, limit: 100) == Data("second".utf8))
            #expect(try await fixture.store.size(name) == 6)
            await #expect(throws: ObjectFailure.tooLarge("\(name)")) { try await fixture.store.read(name, limit: 5) }
            try await fixture.store.write(Data(), as: name)
            #expect(try await fixture.store.read(name, limit: 5) == Data())
        }
    }

    @Test(arguments: Kind.allCases) func `a removed object is gone, and removing it again is no error`(_ kind: Kind)
        async throws
    {
        try await ObjectsFixture.with(kind) { fixture in
            let name = try fixture.name("a/b")
            try await fixture.store.write(Data("x".utf8), as: name)
            try await fixture.store.remove(name)
            try await fixture.store.remove(name)
            #expect(try await fixture.store.size(name) == nil)
        }
    }

    @Test(arguments: Kind.allCases) func `a file goes up and comes down byte by byte`(_ kind: Kind) async throws {
        try await ObjectsFixture.with(kind) { fixture in
            let name = try fixture.name("blobs/ab/file.zst")
            let bytes = Data((0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 9) })
            let (up, down) = (fixture.files.appending("up"), fixture.files.appending("down"))
            try bytes.write(to: URL(fileURLWithPath: up.string))
            try await fixture.store.upload(up, as: name)
            #expect(try await fixture.store.download(name, to: down, limit: 3_000_001))
            #expect(try Data(contentsOf: URL(fileURLWithPath: down.string)) == bytes)
            let other = fixture.files.appending("other")
            await #expect(throws: ObjectFailure.tooLarge("\(name)")) {
                try await fixture.store.download(name, to: other, limit: 3_000_000)
            }
            #expect(try await fixture.store.download(fixture.name("blobs/no"), to: other, limit: 1) == false)
            #expect(!FileManager.default.fileExists(atPath: other.string))
        }
    }

    @Test(arguments: Kind.allCases) func `a list has every page of what begins so, in order`(_ kind: Kind) async throws
    {
        try await ObjectsFixture.with(kind) { fixture in
            let names = (0..<1_203).map { "caches/k/\(String(format: "%05d", $0))" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, name) in names.enumerated() {
                    if index >= 8 { try await group.next() }
                    group.addTask { try await fixture.store.write(Data("12".utf8), as: try fixture.name(name)) }
                }
                try await group.waitForAll()
            }
            try await fixture.store.write(Data(), as: try fixture.name("caches/l"))
            let first = try await fixture.store.list("caches/k/", after: nil)
            #expect(first.next != nil)
            let entries = try await fixture.store.listAll("caches/k/")
            #expect(entries.map(\.name.description) == names)
            #expect(entries.allSatisfy { $0.bytes == 2 && abs($0.modified.timeIntervalSinceNow) < 600 })
            #expect(try await fixture.store.listAll("caches/k/0000").count == 10)
            #expect(try await fixture.store.listAll("nothing/").isEmpty)
        }
    }

    @Test(arguments: Kind.allCases) func `of eight writers of one name one whole object stays`(_ kind: Kind)
        async throws
    {
        try await ObjectsFixture.with(kind) { fixture in
            let name = try fixture.name("one")
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        // A server may refuse a write that another one beats; what stays must be whole.
                        try? await fixture.store.write(Data(repeating: UInt8(writer), count: 100_000), as: name)
                    }
                }
            }
            let kept = try #require(try await fixture.store.read(name, limit: 1 << 20))
            #expect(kept.count == 100_000 && Set(kept).count == 1)
        }
    }
}
