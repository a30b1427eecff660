import Foundation
import Git
import SystemPackage
import Testing

@Suite struct LayoutTests {
    let fixture: GitFixture

    init() throws { fixture = try GitFixture() }

    private func store(_ path: FilePath) throws -> StoreRepository {
        try StoreRepository(at: fixture.store, borrowing: [RepositoryLocation(opening: path)])
    }

    private func layOut(_ path: FilePath, _ spec: String = "HEAD", into name: String = "out") async throws {
        let tree = try fixture.id("\(spec)^{tree}", in: path)
        _ = try await TreeLayout(of: store(path)).write(tree, into: fixture.root.appending(name))
    }

    /// Compares names, kinds, modes, link targets and content with git's own checkout.
    private func expectCheckout(_ directory: String, _ spec: String, of path: FilePath) throws {
        try fixture.shell(
            "rm -rf ../expected; git worktree prune; git worktree add -q --detach ../expected '\(spec)'",
            in: path
        )
        try fixture.shell("rm expected/.git; diff -r --no-dereference expected \(directory)")
        let list = "find . -mindepth 1 \\( -type d -printf '%P d\\n' -o -printf '%P %y %m %l\\n' \\) | sort"
        let expected = try fixture.shell(list, in: fixture.root.appending("expected"))
        #expect(try fixture.shell(list, in: fixture.root.appending(directory)) == expected)
    }

    @Test func `a layout is what git checks out`() async throws {
        let path = try fixture.repository("user", TreeTests.nastyFiles + "\ngit add -A; git commit -qm x")
        let before = try fixture.listing(path)
        try await layOut(path)
        #expect(try fixture.listing(path) == before)
        try expectCheckout("out", "HEAD", of: path)
    }

    @Test func `thousands of files are laid out by several threads`() async throws {
        let path = try fixture.repository(
            "user",
            """
            for d in $(seq 50); do mkdir -p d$d/sub; for f in $(seq 100); do echo $d $f > d$d/sub/$f; done; done
            git add -A; git commit -qm x; git gc -q
            """
        )
        let tree = try fixture.id("HEAD^{tree}", in: path)
        let summary = try await TreeLayout(of: store(path), threads: 4).write(tree, into: fixture.root.appending("out"))
        #expect(summary.files == 5000)
        try expectCheckout("out", "HEAD", of: path)
    }

    @Test func `files and symlinks get the modification time that is asked for`() async throws {
        let path = try fixture.repository("user", TreeTests.nastyFiles + "\ngit add -A; git commit -qm x")
        let layout = TreeLayout(of: try store(path), modificationTime: Date(timeIntervalSince1970: 1_000_000_000.5))
        let out = fixture.root.appending("out")
        _ = try await layout.write(fixture.id("HEAD^{tree}", in: path), into: out)
        let times = try fixture.shell("find . ! -type d -printf '%T@\\n' | sort -u", in: out)
        #expect(times == "1000000000.5000000000")
    }

    @Test func `line ends, ident and encodings are as git checks them out`() async throws {
        let path = try fixture.repository("user", Self.attributes)
        try await layOut(path)
        try expectCheckout("out", "HEAD", of: path)
    }

    static let attributes = #"""
        mkdir -p sub/deep; printf '* text=auto\n*.crlf eol=crlf\n*.id ident\n*.both ident text eol=crlf\n*.u16 text working-tree-encoding=UTF-16LE-BOM eol=crlf\n*.l1 working-tree-encoding=ISO-8859-1\n*.bin -text eol=crlf\n*.auto text=auto eol=crlf\n' > .gitattributes
        printf '*.crlf -text\n[attr]dos text eol=crlf\n' > sub/.gitattributes; printf '*.x crlf eol=crlf\n' > sub/deep/.gitattributes
        for f in a.crlf a.id a.both a.bin plain sub/b.crlf sub/deep/c.x sub/deep/c.crlf a.auto; do
            printf 'one\n$Id$\ntwo\n' > $f; done
        printf 'a\0b\n' > nul.auto; printf 'a\0b\n' > nul.crlf; printf 'x\né\n' | iconv -t UTF-16 > a.u16
        printf '\xe9\n' > a.l1; git add -A; git commit -qm x
        """#

    @Test func `LFS files are laid out from the objects beside the repository`() async throws {
        let path = try Self.largeFiles(fixture)
        let before = try fixture.listing(path)
        try await layOut(path)
        #expect(try fixture.shell("cat out/a.dat; cat out/empty.dat; cat out/plain") == "large\nplain")
        #expect(try fixture.listing(path) == before)
    }

    @Test func `an LFS object that is not here is an error that says how to get it`() async throws {
        let path = try Self.largeFiles(fixture)
        try fixture.shell("rm -r .git/lfs/objects", in: path)
        let error = await #expect(throws: GitError.self) { try await layOut(path) }
        #expect(error?.code == .filterUnavailable)
        #expect(error?.operation == "lay out `a.dat`")
        #expect(error?.hint == "git lfs fetch --all")
    }

    @Test(.enabled(if: SnapshotTests.hasLargeFileProgram, "git-lfs is not installed"))
    func `a changed LFS file is cleaned into the store and laid out from there`() async throws {
        let path = try Self.largeFiles(fixture)
        try fixture.shell("echo other > a.dat; echo new > new.dat; touch empty.dat; rm plain", in: path)
        let location = try RepositoryLocation(opening: path)
        let store = try store(path)
        let before = try fixture.listing(path)
        let tree = try await store.snapshotWorkingTree(of: location)
        #expect(try fixture.listing(path) == before)
        let pointer = try #require(try await store.repository.entry(at: "a.dat", inTree: tree))
        let text = try await store.repository.blob(pointer.id)
        #expect(String(decoding: text, as: UTF8.self).hasPrefix("version https://git-lfs"))
        _ = try await TreeLayout(of: store).write(tree, into: fixture.root.appending("out"))
        #expect(
            try fixture.shell("cat out/a.dat out/new.dat out/empty.dat; ls out")
                == "other\nnew\na.dat\nempty.dat\nnew.dat"
        )
    }

    @Test(.disabled(if: SnapshotTests.hasLargeFileProgram, "git-lfs is installed"))
    func `a changed LFS file without git-lfs is an error that names it`() async throws {
        let path = try Self.largeFiles(fixture)
        try fixture.shell("echo other > a.dat", in: path)
        let store = try store(path)
        let error = await #expect(throws: GitError.self) {
            try await store.snapshotWorkingTree(of: RepositoryLocation(opening: path))
        }
        #expect(error?.code == .filterUnavailable)
        #expect(error?.message == "`git-lfs` is not installed")
    }

    /// A repository whose LFS files were committed without the program: pointer and object are made by hand.
    static func largeFiles(_ fixture: GitFixture) throws -> FilePath {
        try fixture.repository(
            "user",
            #"""
            digest=$(printf 'large\n' | sha256sum | cut -c1-64); echo plain > plain; : > empty.dat
            printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 6\n' $digest > a.dat; git add -A
            echo '*.dat filter=lfs diff=lfs merge=lfs -text' > .gitattributes; git add .gitattributes; git commit -qm x
            mkdir -p .git/lfs/objects/${digest:0:2}/${digest:2:2}; printf 'large\n' > .git/lfs/objects/${digest:0:2}/${digest:2:2}/$digest
            """#
        )
    }

    @Test(arguments: ["..", ".git", ".GIT", ".", "a/b", "../evil"])
    func `a tree with a name that leads out is refused`(name: String) async throws {
        let path = try fixture.repository("user", "git commit -q --allow-empty -m x")
        let script = #"""
            import hashlib,zlib,os,sys
            def put(kind, body):
                data = kind + b' %d\0' % len(body) + body; h = hashlib.sha1(data).hexdigest()
                os.makedirs('.git/objects/' + h[:2], exist_ok=True)
                open('.git/objects/' + h[:2] + '/' + h[2:], 'wb').write(zlib.compress(data)); return h
            b = put(b'blob', b'evil')
            print(put(b'tree', b'100644 ' + sys.argv[1].encode() + b'\0' + bytes.fromhex(b)))
            """#
        try fixture.shell("cat > ../make.py <<'END'\n\(script)\nEND", in: path)
        let tree = try fixture.parse(fixture.shell("python3 ../make.py '\(name)'", in: path))
        let layout = TreeLayout(of: try store(path))
        let error = await #expect(throws: GitError.self) {
            try await layout.write(tree, into: fixture.root.appending("out"))
        }
        #expect(error?.code == .refused)
        #expect(!FileManager.default.fileExists(atPath: fixture.root.appending("evil").string))
    }

    @Test func `a symlink and a directory of one name write nothing outside`() async throws {
        let path = try fixture.repository("user", "echo 1 > f; git add f; git commit -qm x; mkdir ../outside")
        let tree = try fixture.parse(
            fixture.shell(
                #"""
                link=$(printf '%s' ../outside | git hash-object -w --stdin); inner=$(git rev-parse HEAD^{tree})
                printf '120000 blob %s\ta\n040000 tree %s\ta\n' $link $inner | git mktree
                """#,
                in: path
            )
        )
        let layout = TreeLayout(of: try store(path))
        await #expect(throws: GitError.self) { try await layout.write(tree, into: fixture.root.appending("out")) }
        #expect(try fixture.shell("ls outside") == "")
    }

    @Test func `a directory that holds something already is not written over`() async throws {
        let path = try fixture.repository(
            "user",
            "echo 1 > f; git add f; git commit -qm x; mkdir ../out; echo 2 > ../out/f"
        )
        let error = await #expect(throws: GitError.self) { try await layOut(path) }
        #expect(error?.code == .exists)
        #expect(try fixture.shell("cat out/f") == "2")
    }
}
