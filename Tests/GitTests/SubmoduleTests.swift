import Git
import SystemPackage
import Testing

@Suite struct SubmoduleTests {
    let fixture: GitFixture

    init() throws { fixture = try GitFixture() }

    /// A repository with the submodule `lib`, in which is the submodule `inner`.
    static func nested(_ fixture: GitFixture) throws -> FilePath {
        _ = try fixture.repository("inner-origin", "echo inner > i; git add -A; git commit -qm i")
        _ = try fixture.repository(
            "lib-origin",
            "echo lib > l; git submodule -q add ../inner-origin deep/inner; git add -A; git commit -qm l"
        )
        return try fixture.repository(
            "user",
            """
            echo user > u; git submodule -q add ../lib-origin lib; git add -A; git commit -qm u
            git submodule -q update --init --recursive
            """
        )
    }

    private func store(_ location: RepositoryLocation) throws -> StoreRepository {
        try StoreRepository(at: fixture.store, borrowing: [location])
    }

    private func files(_ tree: ObjectID, _ store: StoreRepository) async throws -> [TreePath] {
        try await store.repository.listFiles(tree).map(\.path).sorted()
    }

    private static let all: [TreePath] = [".gitmodules", "lib/.gitmodules", "lib/deep/inner/i", "lib/l", "u"]

    @Test func `submodules in submodules become directories`() async throws {
        let path = try Self.nested(fixture)
        let location = try RepositoryLocation(opening: path)
        let store = try store(location)
        let before = try fixture.listing(path)
        let flat = try await store.flatten(fixture.id("HEAD^{tree}", in: path), of: location)
        #expect(try await files(flat, store) == Self.all)
        #expect(try fixture.listing(path) == before)
        #expect(
            try fixture.shell("git fsck --full 2>&1 | grep -vE '^(dangling|notice)' || true", in: fixture.store) == ""
        )
    }

    @Test func `a submodule that is not checked out is read from the modules directory`() async throws {
        let path = try Self.nested(fixture)
        try fixture.shell("git submodule -q deinit -f lib", in: path)
        let location = try RepositoryLocation(opening: path)
        let store = try store(location)
        #expect(try await files(store.flatten(fixture.id("HEAD^{tree}", in: path), of: location), store) == Self.all)
    }

    @Test func `a submodule without its commit is an error that says what to run`() async throws {
        _ = try Self.nested(fixture)
        try fixture.shell("git clone -q user fresh")
        let path = fixture.root.appending("fresh")
        let location = try RepositoryLocation(opening: path)
        let store = try store(location)
        let tree = try fixture.id("HEAD^{tree}", in: path)
        let error = await #expect(throws: GitError.self) { try await store.flatten(tree, of: location) }
        #expect(error?.code == .submoduleMissing)
        #expect(error?.operation == "lay out submodule `lib`")
        #expect(error?.hint == "git submodule update --init --recursive")
        let other = await #expect(throws: GitError.self) { try await store.snapshotWorkingTree(of: location) }
        #expect(other?.code == .submoduleMissing)
    }

    @Test func `a tree without submodules is flat already`() async throws {
        let path = try fixture.repository("user", "echo 1 > a; git add -A; git commit -qm x")
        let location = try RepositoryLocation(opening: path)
        let tree = try fixture.id("HEAD^{tree}", in: path)
        #expect(try await store(location).flatten(tree, of: location) == tree)
    }

    @Test func `a snapshot takes the work trees of submodules as they stand`() async throws {
        let path = try Self.nested(fixture)
        try fixture.shell("echo 2 > lib/deep/inner/new; rm lib/l; echo 3 > three", in: path)
        let location = try RepositoryLocation(opening: path)
        let store = try store(location)
        let before = try fixture.listing(path)
        let tree = try await store.snapshotWorkingTree(of: location)
        #expect(
            try await files(tree, store)
                == [".gitmodules", "lib/.gitmodules", "lib/deep/inner/i", "lib/deep/inner/new", "three", "u"]
        )
        #expect(try fixture.listing(path) == before)
    }

    @Test(arguments: ["../../../../evil", "a/../../b"])
    func `a submodule name that leads out of the repository is refused`(name: String) async throws {
        let path = try Self.nested(fixture)
        try fixture.shell(
            "printf '[submodule \"%s\"]\\n\\tpath = lib\\n\\turl = x\\n' '\(name)' > .gitmodules; git commit -qam evil",
            in: path
        )
        let location = try RepositoryLocation(opening: path)
        let store = try store(location)
        let tree = try fixture.id("HEAD^{tree}", in: path)
        let error = await #expect(throws: GitError.self) { try await store.flatten(tree, of: location) }
        #expect(error?.code == .refused)
    }
}
