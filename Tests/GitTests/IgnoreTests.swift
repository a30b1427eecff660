import Git
import SystemPackage
import Testing

@Suite struct IgnoreTests {
    let fixture: GitFixture

    init() throws { fixture = try GitFixture() }

    private static let files = #"""
        mkdir -p a/b/c build src/build 'sp ace' .hidden x/y/z; ln -s src link; ln -s build node_modules
        for d in . a a/b a/b/c build src src/build 'sp ace' .hidden x x/y x/y/z; do
            for f in f.txt g.log '!bang' '#hash' 'trail ' '[x]' 'back\\slash' a b 'f?' '*'; do
                [ -e "$d/$f" ] || echo 1 > "$d/$f"; done; done
        """#

    @Test(arguments: [
        "*.log\n!a/g.log", "build/", "/build", "src/build", "**/c", "a/**", "a/**/f.txt", "*\n!*/\n!*.txt", "!*/\nf.*",
        "node_modules/", "node_modules", "link/", "\\!bang\n\\#hash\n#comment", "trail\\ \nf.txt   ", "\\[x\\]\n[[]x]",
        "[!f]*", "[[:punct:]]*", "[a-b]", "f\\?", "?.txt", "/*/b", "x/*/z", "**", "**/", "x/**/z/", "*.txt\r\n/a\r\n",
        "back\\\\slash", "[]x]", "[", "*\\", "a/b/../f.txt", "/", "!", "  ", "\u{FEFF}*.log", "a**/f.txt", "[x-]*",
        "[^a]",
    ])
    func `an exclude file means what git takes it for`(patterns: String) async throws {
        let path = try fixture.repository("user", Self.files)
        try fixture.shell("cat > .gitignore <<'END'\n\(patterns)\nEND", in: path)
        let location = try RepositoryLocation(opening: path)
        let store = try StoreRepository(at: fixture.store, borrowing: [location])
        let tree = try await store.snapshotWorkingTree(of: location)
        let ours = try fixture.shell("git ls-tree -r --name-only -z \(tree) | tr '\\0' '\\n' | sort", in: fixture.store)
        let theirs = try fixture.shell("git ls-files -oz --exclude-standard | tr '\\0' '\\n' | sort", in: path)
        #expect(ours == theirs)
    }

    @Test func `the innermost exclude file decides, and the user's own comes last`() async throws {
        let path = try fixture.repository("user", Self.files)
        try fixture.shell(
            """
            echo 'f.txt' > ../global; git config core.excludesFile ../global; printf '!f.txt\n*.log\n' > .git/info/exclude
            git config core.excludesFile "$PWD/../global"; echo '!g.log' > .gitignore; echo g.log > a/.gitignore
            echo '*' > a/b/.gitignore; echo '/a' >> .hidden/.gitignore
            """,
            in: path
        )
        let location = try RepositoryLocation(opening: path)
        let store = try StoreRepository(at: fixture.store, borrowing: [location])
        let tree = try await store.snapshotWorkingTree(of: location)
        let ours = try fixture.shell("git ls-tree -r --name-only -z \(tree) | tr '\\0' '\\n' | sort", in: fixture.store)
        let theirs = try fixture.shell("git ls-files -oz --exclude-standard | tr '\\0' '\\n' | sort", in: path)
        #expect(ours == theirs)
    }
}
