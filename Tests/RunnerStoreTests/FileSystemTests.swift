import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct FileSystemTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `a reader sees the old file or the new one, never a part`() async throws {
        let path = scratch.path.appending("file")
        let versions = [UInt8(ascii: "a"), UInt8(ascii: "b")].map { [UInt8](repeating: $0, count: 200_000) }
        try FileSystem.write(versions[0], to: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for round in 1...200 { try FileSystem.write(versions[round % 2], to: path) } }
            group.addTask {
                for _ in 1...200 {
                    let seen = try FileSystem.read(path).map(Array.init)
                    #expect(seen == versions[0] || seen == versions[1])
                }
            }
            try await group.waitForAll()
        }
        #expect(FileSystem.names(in: scratch.path) == ["file"])
    }

    @Test func `a write that cannot be put in place leaves nothing behind`() throws {
        let target = try scratch.directory("target", ["kept": "kept"])
        let failure = try #require(throws: SystemFailure.self) {
            try FileSystem.write([1, 2, 3] as [UInt8], to: target)
        }
        #expect(failure.operation == "rename to" && failure.path == target)
        #expect(FileSystem.names(in: scratch.path) == ["target"])
    }

    @Test func `a write into a missing directory names it`() throws {
        #expect(throws: SystemFailure.self) { try FileSystem.write([] as [UInt8], to: scratch.path.pushing("no/file")) }
    }

    @Test func `reading is bounded and takes plain files only`() throws {
        let file = scratch.path.appending("file")
        try scratch.write("12345", to: file)
        #expect(try FileSystem.read(file, limit: 5)?.count == 5)
        #expect(throws: SystemFailure.self) { try FileSystem.read(file, limit: 4) }
        symlink(file.string, scratch.path.appending("link").string)
        #expect(throws: SystemFailure.self) { try FileSystem.read(scratch.path.appending("link")) }
        mkfifo(scratch.path.appending("pipe").string, 0o600)
        #expect(throws: SystemFailure.self) { try FileSystem.read(scratch.path.appending("pipe")) }
        #expect(throws: SystemFailure.self) { try FileSystem.read(scratch.path) }
        #expect(try FileSystem.read(scratch.path.appending("missing")) == nil)
    }

    @Test func `a copy keeps mode and time`() throws {
        let from = scratch.path.appending("from")
        try scratch.write("text", to: from)
        let times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 5), timespec(tv_sec: 1_000_000_000, tv_nsec: 5)]
        utimensat(AT_FDCWD, from.string, times, 0)
        let to = scratch.path.appending("to")
        try FileCopy.file(from, to: to, mode: 0o751)
        var status = stat()
        #expect(stat(to.string, &status) == 0 && status.st_mode & 0o777 == 0o751)
        #expect(status.st_mtim.tv_sec == 1_000_000_000 && status.st_mtim.tv_nsec == 5)
        #expect(throws: SystemFailure.self) { try FileCopy.file(from, to: to, mode: 0o644) }
    }

    @Test func `a layer replaces, adds and takes away`() throws {
        let target = try scratch.directory("target", ["a": "1", "gone": "1", "dir/x": "1", "file/y": "1"])
        let layer = try scratch.directory("layer", ["a": "2", "new/b": "2", "file": "2"])
        mknod(layer.appending("gone").string, S_IFCHR, 0)
        symlink("a", layer.appending("dir").string)
        try FileCopy.overlay(layer, onto: target)
        #expect(FileSystem.names(in: target) == ["a", "dir", "file", "new"])
        #expect(try text(target.appending("a")) == "2" && text(target.appending("file")) == "2")
        #expect(FileSystem.names(in: target.appending("new")) == ["b"])
    }

    @Test func `a walk sorts, follows no link and stays where it is told`() throws {
        let tree = try scratch.directory("tree", ["b/2": "", "a": "", "b/1": "", "c/3": ""])
        symlink("/", tree.appending("root").string)
        var seen: [String] = []
        try DirectoryWalk.visit(tree) { entry in
            seen.append(String(decoding: entry.name, as: UTF8.self))
            return entry.name != Array("c".utf8)
        }
        #expect(seen == ["a", "b", "b/1", "b/2", "c", "root"])
    }
}
