import Git
import SystemPackage
import Testing

/// Files that go through in pieces, beside what git makes of them as a whole.
@Suite struct LargeFileTests {
    let snapshots: SnapshotTests
    var fixture: GitFixture { snapshots.fixture }

    init() throws { snapshots = try SnapshotTests() }

    private static let text = #"(yes 'a line of text' || true) | head -c"#
    private static let dosText = #"(yes $'a line of text\r' || true) | head -c"#

    static let contents = [
        // Every way in which a pair can lie at the end of a piece.
        #"(printf x; (yes $'\r' || true) | head -c 1500000) > big; ((yes $'\r' || true) | head -c 1500000) > other"#,
        "(\(dosText) 1500000; printf 'x\\r') > big",
        "(\(dosText) 1500000; printf 'x\\ry') > big",
        "(\(dosText) 1500000; printf '\\032') > big; (\(dosText) 1500000; printf '\\0') > other",
        #"(yes $'odd \001\002\003\r' || true) | head -c 1500000 > big"#,
        "(yes $'odd \\001\\r' || true) | head -c 3000 > odd; (cat odd; \(dosText) 1500000) > big",
        "head -c 1048576 /dev/zero > big; head -c 1048575 /dev/zero > other; (yes $'\\r' || true) | head -c 1048576 > third",
    ]

    static let attributes = ["", "* text=auto", "* text", "* -text", "* text eol=crlf", "* ident text=auto"]

    @Test(
        arguments: ["head -c 30000000 /dev/urandom", "\(text) 30000000", "\(dosText) 30000000"],
        ["", "* text=auto"]
    )
    func `thirty megabytes are stored as git stores them`(content: String, attributes: String) async throws {
        let path = try fixture.repository("user", "\(content) > big; echo '\(attributes)' > .gitattributes")
        #expect(try await snapshots.snapshot(path) == snapshots.expected(path))
    }

    @Test(arguments: contents)
    func `a large file is stored as git stores it`(content: String) async throws {
        let path = try fixture.repository("user", content)
        for attributes in Self.attributes {
            try fixture.shell("echo '\(attributes)' > .gitattributes", in: path)
            #expect(try await snapshots.snapshot(path) == snapshots.expected(path), "with `\(attributes)`")
        }
    }

    @Test(arguments: ["true", "input", "false"])
    func `a large file that the index knows is stored as git stores it`(setting: String) async throws {
        let path = try fixture.repository(
            "user",
            """
            git config core.autocrlf false; \(Self.dosText) 1500000 > dos; \(Self.text) 1500000 > unix
            cp dos odd; printf '\\0' >> odd; cp dos same; git add -A; git commit -qm x; git checkout -q -b side
            echo more >> dos; git commit -qam 2; git checkout -q -; printf 'less\\r\\n' >> dos; git commit -qam 3
            git merge -q side >/dev/null || true; git config core.autocrlf \(setting)
            for f in dos unix odd; do \(Self.dosText) 1600000 > $f; done; touch same
            """
        )
        #expect(try await snapshots.snapshot(path) == snapshots.expected(path))
        try fixture.shell("git add dos; \(Self.dosText) 1700000 > dos", in: path)
        #expect(try await snapshots.snapshot(path) == snapshots.expected(path))
    }

    @Test func `a large file that the repository has already is not written`() async throws {
        let path = try fixture.repository(
            "user",
            "\(Self.text) 3000000 > a; git add -A; git commit -qm 1; touch -d 2020-01-01 .git/objects/*/*; touch a; cp a b"
        )
        let before = try fixture.listing(path)
        let tree = try await snapshots.snapshot(path)
        #expect(try fixture.listing(path) == before)
        #expect(try tree == snapshots.expected(path))
        let objects = try fixture.shell("find \(fixture.store)/objects -type f ! -name alternates -size +1k")
        #expect(objects == "")
    }

    @Test func `the output of a filter program has its line ends stored as git stores them`() async throws {
        let path = try fixture.repository(
            "user",
            """
            printf '* text=auto\\n*.x filter=more\\n' > .gitattributes; \(Self.text) 1500000 > a.x; echo 1 > b.x
            git config filter.more.clean "sed 's/\\$/\\r/'"; (cat a.x; printf '\\r-') > c.x
            """
        )
        #expect(try await snapshots.snapshot(path) == snapshots.expected(path))
    }

    @Test(arguments: ["true", "git gc -q"])
    func `a large blob is laid out whole, loose or in a pack`(script: String) async throws {
        let path = try fixture.repository(
            "user",
            "head -c 30000000 /dev/urandom > a; \(Self.text) 1048576 > b; chmod +x b; git add -A; git commit -qm x; \(script)"
        )
        let store = try StoreRepository(at: fixture.store, borrowing: [RepositoryLocation(opening: path)])
        let out = fixture.root.appending("out")
        let summary = try await TreeLayout(of: store).write(fixture.id("HEAD^{tree}", in: path), into: out)
        #expect(summary.bytes == 31_048_576)
        try fixture.shell("cmp user/a out/a; cmp user/b out/b; test -x out/b")
    }

    @Test(arguments: [30, 400_000, -2])
    func `a large blob that is damaged is an error`(position: Int) async throws {
        let path = try fixture.repository("user", "head -c 3000000 /dev/urandom > a; git add -A; git commit -qm x")
        let id = try fixture.id("HEAD:a", in: path).description
        let object = ".git/objects/\(id.prefix(2))/\(id.dropFirst(2))"
        try fixture.shell(
            """
            chmod u+w \(object); size=$(stat -c %s \(object)); at=\(position); test $at -ge 0 || at=$((size + at))
            printf '\\125\\252' | dd of=\(object) bs=1 seek=$at conv=notrunc status=none
            """,
            in: path
        )
        let store = try StoreRepository(at: fixture.store, borrowing: [RepositoryLocation(opening: path)])
        let tree = try fixture.id("HEAD^{tree}", in: path)
        await #expect(throws: GitError.self) {
            try await TreeLayout(of: store).write(tree, into: fixture.root.appending("out"))
        }
    }

    @Test(.enabled(if: SnapshotTests.hasLargeFileProgram, "git-lfs is not installed"))
    func `content that LFS should keep and does not is laid out as it is`() async throws {
        let path = try fixture.repository(
            "user",
            """
            \(Self.text) 1500000 > a.dat; echo short > b.dat; git add -A
            echo '*.dat filter=lfs diff=lfs merge=lfs -text' > .gitattributes; git add .gitattributes; git commit -qm x
            """
        )
        let store = try StoreRepository(at: fixture.store, borrowing: [RepositoryLocation(opening: path)])
        let out = fixture.root.appending("out")
        _ = try await TreeLayout(of: store).write(fixture.id("HEAD^{tree}", in: path), into: out)
        try fixture.shell("cmp user/a.dat out/a.dat; cmp user/b.dat out/b.dat")
    }
}
