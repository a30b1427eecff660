import Git
import SystemPackage
import Testing

@Suite struct TreeTests {
    let fixture: GitFixture

    init() throws { fixture = try GitFixture() }

    /// Names that break programs which take them for text, options or shell.
    static let nastyFiles = #"""
        mkdir -p 'with space' '$(date)' dir/deep/er
        echo 1 > 'with space/a b'; echo 2 > $'line\nbreak'; echo 3 > '$(date)/`id`'; echo 4 > ./-rf
        echo 5 > $'not\xffutf8'; mkdir $'d\xfe'; echo 6 > $'d\xfe/\xc3'; echo 7 > dir/deep/er/x; echo 8 > 'q"uo'\''te'
        printf '#!/bin/sh\n' > run.sh; chmod +x run.sh; ln -s run.sh link; ln -s /nowhere/at/all dangling
        ln -s ../.. dir/up; : > empty; head -c 70000 /dev/urandom > binary
        """#

    @Test func `all names and modes of a tree are listed as git lists them`() async throws {
        let path = try fixture.repository("user", Self.nastyFiles + "\ngit add -A; git commit -qm x")
        let tree = try fixture.id("HEAD^{tree}", in: path)
        let files = try await Repository(at: path).listFiles(tree)
        let ours = files.map { "\(String($0.mode.rawValue, radix: 8)) blob \($0.id)\t\($0.path)" }.sorted()
        let theirs = try fixture.shell("git ls-tree -rz HEAD", in: path)
        #expect(ours == theirs.split(separator: "\0").map(String.init).sorted())
        #expect(files.contains { $0.path == TreePath(bytes: Array("not".utf8) + [0xff] + Array("utf8".utf8)) })
    }

    @Test func `an entry is found by its path`() async throws {
        let path = try fixture.repository("user", Self.nastyFiles + "\ngit add -A; git commit -qm x")
        let tree = try fixture.id("HEAD^{tree}", in: path)
        let repository = try Repository(at: path)
        #expect(try await repository.entry(at: "dir/deep/er/x", inTree: tree)?.mode == .regular)
        #expect(try await repository.entry(at: "dir/deep", inTree: tree)?.mode == .directory)
        #expect(try await repository.entry(at: "dir/deep/er/x/y", inTree: tree) == nil)
        #expect(try await repository.entry(at: "nothing", inTree: tree) == nil)
        let directories = try await repository.entries(ofTree: tree, recursive: true).filter { $0.mode == .directory }
        #expect(directories.count == 6)
    }

    @Test func `a blob above the limit is not read`() async throws {
        let path = try fixture.repository("user", "printf 12345 > a; git add -A; git commit -qm x")
        let blob = try fixture.id("HEAD:a", in: path)
        let repository = try Repository(at: path)
        #expect(try await repository.blob(blob, limit: 5) == Array("12345".utf8))
        let error = await #expect(throws: GitError.self) { try await repository.blob(blob, limit: 4) }
        #expect(error?.code == .tooLarge)
    }

    @Test func `a delta holds changed files, and deleted directories once`() async throws {
        let path = try fixture.repository(
            "user",
            """
            mkdir -p keep gone/deep dir file2; echo 1 > keep/a; echo 1 > gone/x; echo 1 > gone/deep/y; echo 1 > dir/in
            echo 1 > file; echo 1 > mode; echo 1 > file2/z; ln -s a lnk; git add -A; git commit -qm 1
            git rm -rq gone dir file file2; echo now > dir; mkdir file; echo 2 > file/inside; chmod +x mode
            echo 2 > keep/b; ln -sf b lnk; mkdir file2; ln -s q file2/z; git add -A; git commit -qm 2
            """
        )
        let repository = try Repository(at: path)
        let from = try fixture.id("HEAD~^{tree}", in: path)
        let to = try fixture.id("HEAD^{tree}", in: path)
        let delta = try await repository.diff(from: from, to: to)
        #expect(
            delta.changed.map(\.path).sorted() == ["dir", "file/inside", "file2/z", "keep/b", "lnk", "mode"]
        )
        #expect(delta.deleted == ["gone"])
        #expect(delta.changed.first { $0.path == "mode" }?.mode == .executable)
        #expect(try await repository.diff(from: to, to: to).isEmpty)
        let everything = try await repository.diff(from: .emptyTree, to: to)
        #expect(try await everything.changed.count == repository.listFiles(to).count)
    }

    @Test func `paths are ordered and compared by their bytes`() {
        let odd = TreePath(bytes: [0x61, 0xff])
        #expect(TreePath("a") < odd)
        #expect(odd.description == "a\u{FFFD}")
        #expect(odd != TreePath(odd.description))
        #expect(TreePath("a/b/c").parent == "a/b")
        #expect(TreePath("a/b").isInside("a") && !TreePath("ab").isInside("a") && TreePath("x").isInside(.root))
    }
}
