import Git
import SystemPackage
import Testing

@Suite struct SnapshotTests {
    let fixture: GitFixture

    init() throws { fixture = try GitFixture() }

    func snapshot(_ path: FilePath, flattening: Bool = false) async throws -> ObjectID {
        let location = try RepositoryLocation(opening: path)
        let store = try StoreRepository(at: fixture.store, borrowing: [location])
        return try await store.snapshotWorkingTree(of: location, flattening: flattening)
    }

    /// What git itself makes of the work tree, with a copy of the index and objects elsewhere.
    func expected(_ path: FilePath) throws -> ObjectID {
        try fixture.parse(
            fixture.shell(
                """
                scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT; git=$(git rev-parse --absolute-git-dir)
                if [ -e "$git/index" ]; then cp -p "$git/index" "$scratch/index"; fi; mkdir "$scratch/objects"
                common=$(git rev-parse --path-format=absolute --git-common-dir)
                export GIT_INDEX_FILE=$scratch/index GIT_ALTERNATE_OBJECT_DIRECTORIES=$common/objects
                export GIT_OBJECT_DIRECTORY=$scratch/objects
                git add -A 2>/dev/null; git write-tree
                """,
                in: path
            )
        )
    }

    static let nasty =
        TreeTests.nastyFiles + #"""

            printf 'ignored-*\n!ignored-not\nbuild/\n' > .gitignore; mkdir -p build sub; echo 1 > build/forced
            printf '*.log\n' > sub/.gitignore; echo 1 > sub/x.log; echo 1 > sub/y; echo 1 > ignored-1; echo 1 > ignored-not
            printf '* text=auto\n*.crlf text eol=crlf\n*.bin -text\n*.id ident\n' > .gitattributes
            printf 'a\r\nb\r\n' > win.crlf; printf 'a\r\n' > raw.bin; printf 'a\r\nb\r\n' > auto.txt
            printf '$Id: 123$\n' > x.id; echo 1 > deleted; mkdir gone; echo 1 > gone/a; echo 1 > becomes-dir
            mkdir becomes-file; echo 1 > becomes-file/x; git add -A; git add -f build/forced; git commit -qm x
            echo excluded > .git/info/exclude; echo 1 > excluded; rm -r deleted gone becomes-dir becomes-file
            mkdir becomes-dir; echo 2 > becomes-dir/y; echo 2 > becomes-file; echo more >> auto.txt; chmod -x run.sh
            chmod +x empty; ln -sf elsewhere link; echo new > 'un tracked'; echo new > build/new; mkdir -p new/deep
            echo 1 > new/deep/file; mkfifo fifo; mkdir void; printf 'n\r\n' > new.crlf; echo 2 >> build/forced
            echo staged > staged; git add staged; echo again > staged; git rm -q --cached sub/y; rm binary; ln -s x binary
            """#

    @Test func `a snapshot is the tree that git add makes`() async throws {
        let path = try fixture.repository("user", Self.nasty)
        #expect(try await snapshot(path) == expected(path))
    }

    @Test func `taking a snapshot changes nothing in the repository`() async throws {
        let path = try fixture.repository("user", Self.nasty + "\ngit gc -q; git update-index -q --refresh || true")
        let before = try fixture.listing(path)
        _ = try await snapshot(path)
        try fixture.shell("git -C \(fixture.store) cat-file -p HEAD:x 2>/dev/null || true")
        _ = try await snapshot(path)
        #expect(try fixture.listing(path) == before)
    }

    @Test func `content that the repository has already is not written or touched`() async throws {
        let path = try fixture.repository(
            "user",
            "echo 1 > a; git add -A; git commit -qm 1; echo 2 > a; git add -A; git commit -qm 2; touch -d 2020-01-01 .git/objects/*/*; echo 1 > a"
        )
        let before = try fixture.listing(path)
        #expect(try await snapshot(path) == fixture.id("HEAD~^{tree}", in: path))
        #expect(try fixture.listing(path) == before)
        #expect(try fixture.shell("find \(fixture.store)/objects -type f ! -name alternates") == "")
    }

    @Test func `repeated snapshots follow the work tree`() async throws {
        let path = try fixture.repository("user", Self.nasty)
        _ = try await snapshot(path)
        for script in [
            "echo 3 > staged", "rm -r new", "echo 'un*' >> .gitignore", "git add -A && git commit -qm y",
            "printf '*.txt text eol=lf\n' > .gitattributes; printf 'x\r\n' > 'later.txt'", "git add -f build/new",
            "printf '* -text\n' > .gitattributes", "git reset -q --hard HEAD", "touch run.sh",
            "git config core.autocrlf input",
            "printf 'q\r\n' > q.unknown", "git config core.fileMode false; chmod +x q.unknown",
        ] {
            try fixture.shell(script, in: path)
            #expect(try await snapshot(path) == expected(path), "after \(script)")
        }
    }

    @Test func `a repository without a commit or an index has a snapshot`() async throws {
        let path = try fixture.repository("user", "echo 1 > a")
        #expect(try await snapshot(path) == expected(path))
    }

    @Test func `a worktree has a snapshot of its own`() async throws {
        let path = try fixture.repository(
            "user",
            "echo 1 > a; git add -A; git commit -qm x; git worktree add -q ../tree; echo 2 > ../tree/b; echo 9 > c"
        )
        let tree = fixture.root.appending("tree")
        #expect(try await snapshot(path) == expected(path))
        #expect(try await snapshot(tree) == expected(tree))
    }

    @Test func `unmerged files count as they stand in the work tree`() async throws {
        let path = try fixture.repository(
            "user",
            """
            echo 1 > a; echo 1 > b; git add -A; git commit -qm 1; git checkout -q -b side; echo 2 > a; git rm -q b
            git add -A; git commit -qm 2; git checkout -q develop; echo 3 > a; echo 3 > b; git commit -qam 3
            git merge -q side >/dev/null || true; rm -f b
            """
        )
        #expect(try await snapshot(path) == expected(path))
    }

    @Test func `files outside of a sparse checkout stay in the snapshot`() async throws {
        let path = try fixture.repository(
            "user",
            "mkdir in out; echo 1 > in/a; echo 1 > out/b; git add -A; git commit -qm 1; git sparse-checkout set in; echo 2 > in/c"
        )
        #expect(try await snapshot(path) == expected(path))
    }

    @Test(arguments: ["git update-index --split-index", "git sparse-checkout set --cone --sparse-index in"])
    func `an index that libgit2 cannot read is rewritten by git`(setting: String) async throws {
        let path = try fixture.repository(
            "user",
            "mkdir -p in out/deep; echo 1 > in/a; echo 1 > out/deep/b; echo 1 > k; git add -A; git commit -qm 1; \(setting); echo 2 > in/c; echo 2 > k"
        )
        let before = try fixture.shell("ls .git; sha1sum .git/*index*", in: path)
        let tree = try await snapshot(path)
        #expect(try fixture.shell("ls .git; sha1sum .git/*index*", in: path) == before)
        #expect(try tree == expected(path))
    }

    @Test func `a change within the same clock tick is seen`() async throws {
        let path = try fixture.repository("user", "echo 1 > a; git add -A; echo 2 > a")
        #expect(try await snapshot(path) == expected(path))
        try fixture.shell("echo 3 > a", in: path)
        #expect(try await snapshot(path) == expected(path))
    }

    @Test func `other encodings and filter programs are applied as git does`() async throws {
        let path = try fixture.repository(
            "user",
            #"""
            printf '*.u16 text working-tree-encoding=UTF-16\n*.rot filter=rot\n' > .gitattributes
            git config filter.rot.clean "tr a-z b-za; echo %f"; printf 'ab\ncd\n' | iconv -t UTF-16 > a.u16
            git add -A; git commit -qm x; printf 'xy\r\n' | iconv -t UTF-16 > b.u16; mkdir d; echo abc > "d/it's.rot"
            """#
        )
        #expect(try await snapshot(path) == expected(path))
    }

    @Test func `a file that no snapshot has seen changed is not read again`() async throws {
        let path = try fixture.repository(
            "user",
            """
            git config filter.count.clean 'echo %f >> ../log; cat'; echo '*.x filter=count' > .gitattributes
            echo 1 > a.x; echo 1 > b.x; touch -d 2020-01-01 *.x
            """
        )
        let tree = try await snapshot(path)
        #expect(try await snapshot(path) == tree)
        #expect(try fixture.shell("sort log") == "a.x\nb.x")
        try fixture.shell("echo 2 > a.x; touch -d 2020-01-01 a.x", in: path)
        #expect(try await snapshot(path) == expected(path))
    }

    @Test func `a submodule is its checked-out commit`() async throws {
        let path = try SubmoduleTests.nested(fixture)
        try fixture.shell("git -C lib commit -q --allow-empty -m more; echo 1 > lib/untracked", in: path)
        #expect(try await snapshot(path) == expected(path))
    }
}

extension SnapshotTests {
    static let hasLargeFileProgram: Bool = {
        // Not being able to ask is as good as not having it.
        guard let fixture = try? GitFixture() else { return false }
        return (try? fixture.shell("git-lfs version")) != nil
    }()
}
