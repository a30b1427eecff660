import Git
import SystemPackage
import Testing

/// Without a network: libgit2 has a transport for paths, too. What servers do is in the engine's tests.
@Suite struct RemoteTests {
    let fixture: GitFixture

    init() throws { fixture = try GitFixture() }

    private static let refspecs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]

    private func access(_ path: FilePath) -> RemoteAccess { RemoteAccess(url: path.string, host: "", port: 0) }

    @Test func `a listing has branches and tags, with what a tag is put on`() throws {
        let path = try fixture.repository("user", "git commit -qm x --allow-empty; git tag light; git tag -am y noted")
        try fixture.shell("git update-ref refs/notes/commits HEAD", in: path)
        let listing = try RemoteListing.read(access(path))
        #expect(listing.refs.keys.sorted() == ["refs/heads/develop", "refs/tags/light", "refs/tags/noted"])
        let noted = try #require(listing.refs["refs/tags/noted"])
        #expect(try noted.object == fixture.id("noted", in: path))
        #expect(try noted.commit == fixture.id("HEAD", in: path))
    }

    @Test func `names that are hostile stay what they are, and those that are no UTF-8 are named`() {
        var listing = RefListing()
        for name in ["refs/heads/$(id)", "refs/heads/--upload-pack=id", "refs/heads/a^{}", "refs/pull/1/head"] {
            listing.add(name: Array(name.utf8), object: .emptyTree)
        }
        listing.add(name: Array("refs/heads/b".utf8) + [0xff, 0x0a], object: .emptyTree)
        #expect(listing.refs.keys.sorted() == ["refs/heads/$(id)", "refs/heads/--upload-pack=id"])
        #expect(listing.skipped == ["refs/heads/b\\xff\\x0a"])
    }

    @Test func `a fetch moves, adds and takes away, and leaves our own refs alone`() async throws {
        let path = try fixture.repository("user", "git commit -qm x --allow-empty; git branch old; git tag -am y v1")
        let store = try StoreRepository(at: fixture.store)
        _ = try RemoteFetch(refspecs: Self.refspecs).run(into: fixture.store, access(path))
        let first = try fixture.id("HEAD", in: path)
        try await store.setReference("refs/runner/runs/1", to: first)
        try fixture.shell("git commit -q --amend -m z --allow-empty; git branch -D old; git branch old/b", in: path)
        _ = try RemoteFetch(refspecs: Self.refspecs).run(into: fixture.store, access(path))
        let reading = try await store.repository.branchesAndTags()
        #expect(reading.refs.keys.sorted() == ["refs/heads/develop", "refs/heads/old/b", "refs/tags/v1"])
        #expect(try reading.refs["refs/heads/develop"]?.commit == fixture.id("HEAD", in: path))
        #expect(try await store.repository.targets(below: "refs/runner/") == ["refs/runner/runs/1": first])
    }

    @Test func `a fetch of more objects than allowed ends with an error of its own`() throws {
        let path = try fixture.repository("user", "git commit -qm x --allow-empty")
        _ = try StoreRepository(at: fixture.store)
        let failure = #expect(throws: GitError.self) {
            try RemoteFetch(refspecs: Self.refspecs, objectLimit: 1).run(into: fixture.store, access(path))
        }
        #expect(failure?.code == .largeFetch)
    }

    @Test func `a ref that cannot be read is not the same as one that is gone`() async throws {
        let path = try fixture.repository(
            "user",
            "git commit -qm x --allow-empty; git tag blob $(echo | git hash-object -w --stdin)"
        )
        try fixture.shell("echo 1111111111111111111111111111111111111111 > .git/refs/heads/lost", in: path)
        let reading = try await Repository(at: path).branchesAndTags()
        #expect(reading.refs.keys.sorted() == ["refs/heads/develop"])
        #expect(reading.unreadable.keys.sorted() == ["refs/heads/lost"])
    }
}
