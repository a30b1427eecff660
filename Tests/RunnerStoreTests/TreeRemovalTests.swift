import Glibc
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct TreeRemovalTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `nothing there is no error`() throws {
        try TreeRemoval.remove(scratch.path.appending("missing"))
    }

    @Test func `files and links go, what links lead to stays`() throws {
        let kept = try scratch.directory("kept", ["file": "kept"])
        let tree = try scratch.directory("tree", ["a/file": "1"])
        symlink(kept.string, tree.appending("link").string)
        symlink(kept.appending("file").string, tree.pushing("a/link").string)
        try TreeRemoval.remove(tree)
        #expect(!FileSystem.exists(tree))
        #expect(try text(kept.appending("file")) == "kept")
    }

    @Test func `a link itself is removed, not what it leads to`() throws {
        let kept = try scratch.directory("kept", ["file": "kept"])
        let link = scratch.path.appending("link")
        symlink(kept.string, link.string)
        try TreeRemoval.remove(link)
        #expect(!FileSystem.exists(link))
        #expect(try text(kept.appending("file")) == "kept")
    }

    @Test func `directories that may not be entered go too`() throws {
        let tree = try scratch.directory("tree", ["a/b/file": "1", "c/file": "2"])
        for path in ["a/b", "a", "c"] { chmod(tree.pushing(FilePath(path)).string, 0) }
        chmod(tree.string, 0)
        try TreeRemoval.remove(tree)
        #expect(!FileSystem.exists(tree))
    }

    @Test(arguments: [63, 64, 65, 130, 5000])
    func `any depth goes`(_ depth: Int) throws {
        let tree = try scratch.directory("tree")
        var fd = open(tree.string, O_RDONLY | O_DIRECTORY)
        for _ in 0..<depth {
            try #require(mkdirat(fd, "deeper", 0o755) == 0 && mkdirat(fd, "beside", 0) == 0)
            let next = openat(fd, "deeper", O_RDONLY | O_DIRECTORY)
            close(fd)
            fd = next
        }
        close(fd)
        try TreeRemoval.remove(tree)
        #expect(!FileSystem.exists(tree))
    }

    @Test func `names that are not UTF-8 go`() throws {
        let tree = try scratch.directory("tree")
        mkdir(tree.appending(bytes: [0xff, 0xfe]).cString, 0o700)
        close(open(tree.appending(bytes: [0x61, 0xff]).cString, O_CREAT | O_WRONLY, 0o600))
        try TreeRemoval.remove(tree)
        #expect(!FileSystem.exists(tree))
    }

    @Test func `pipes and whiteouts go`() throws {
        let tree = try scratch.directory("tree")
        mkfifo(tree.appending("pipe").string, 0o600)
        mknod(tree.appending("whiteout").string, S_IFCHR, 0)
        try TreeRemoval.remove(tree)
        #expect(!FileSystem.exists(tree))
    }

    @Test func `a file is removed like a tree`() throws {
        let tree = try scratch.directory("tree", ["file": "1"])
        try TreeRemoval.remove(tree.appending("file"))
        #expect(FileSystem.names(in: tree).isEmpty)
    }
}
