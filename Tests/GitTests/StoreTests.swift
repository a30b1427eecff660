import Git
import SystemPackage
import Testing

@Suite struct StoreTests {
    let fixture: GitFixture

    init() throws { fixture = try GitFixture() }

    private func commit(_ name: String, _ text: String) throws -> (RepositoryLocation, ObjectID) {
        let path = try fixture.repository(name, "echo \(text) > a; git add -A; git commit -qm x")
        return try (RepositoryLocation(opening: path), fixture.id("HEAD:a", in: path))
    }

    @Test func `a store reads what it borrows, now and when it is opened again`() async throws {
        let (location, blob) = try commit("user", "one")
        let store = try StoreRepository(at: fixture.store, borrowing: [location])
        #expect(try await store.repository.blob(blob) == Array("one\n".utf8))
        #expect(try await StoreRepository(at: fixture.store).repository.blob(blob) == Array("one\n".utf8))
        #expect(try fixture.shell("git cat-file -p \(blob)", in: fixture.store) == "one")
    }

    @Test func `an open store borrows from further repositories`() async throws {
        let (first, one) = try commit("first", "one")
        let (second, two) = try commit("second", "two")
        let store = try StoreRepository(at: fixture.store, borrowing: [first])
        await #expect(throws: GitError.self) { try await store.repository.blob(two) }
        try await store.borrow(from: second)
        try await store.borrow(from: second)
        #expect(try await store.repository.blob(two) == Array("two\n".utf8))
        #expect(try await store.repository.blob(one) == Array("one\n".utf8))
        #expect(try fixture.shell("cat objects/info/alternates | wc -l", in: fixture.store) == "2")
    }

    @Test func `a repository that borrows itself lends all that it reads`() async throws {
        let (_, blob) = try commit("user", "one")
        try fixture.shell("git clone -q --shared user borrower")
        let borrower = try RepositoryLocation(opening: fixture.root.appending("borrower"))
        let store = try StoreRepository(at: fixture.store, borrowing: [borrower])
        #expect(try await store.repository.blob(blob) == Array("one\n".utf8))
    }

    @Test func `objects that come later are seen`() async throws {
        let (location, _) = try commit("user", "one")
        let store = try StoreRepository(at: fixture.store, borrowing: [location])
        let path = fixture.root.appending("user")
        try fixture.shell("echo two > a; git commit -qam y; git gc -q", in: path)
        #expect(try await store.repository.blob(fixture.id("HEAD:a", in: path)) == Array("two\n".utf8))
    }

    @Test func `a repository whose name is no UTF-8 is borrowed from`() async throws {
        _ = try commit("user", "one")
        try fixture.shell("mv user $'us\\xffer'; ln -s $'us\\xffer' link")
        let location = try RepositoryLocation.discover(from: fixture.root.appending("link"))
        let blob = try fixture.id("HEAD:a", in: fixture.root.appending("link"))
        let store = try StoreRepository(at: fixture.store, borrowing: [location])
        #expect(try await store.repository.blob(blob) == Array("one\n".utf8))
    }
}
