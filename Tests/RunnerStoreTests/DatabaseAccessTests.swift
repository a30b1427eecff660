import FoundationEssentials
import GRDB
import RunnerCore
import Testing

@testable import RunnerStore

/// Tokens, webhooks that come again, and the log of who did what.
@Suite struct DatabaseAccessTests {
    private let fixture: DatabaseFixture
    private var database: RunnerDatabase { fixture.database }

    init() throws { fixture = try DatabaseFixture() }

    @Test func `roles are in order`() {
        #expect(Role.allCases == Role.allCases.sorted() && Role.viewer < .admin)
    }

    @Test func `a token opens what its role may, and its secret is nowhere`() async throws {
        let secret = try await database.createToken(name: "ada", role: .developer, actor: "root")
        #expect(secret.hasPrefix("rnr_") && secret.utf8.count == 68)
        let found = try await database.role(ofToken: secret)
        #expect(found?.name == "ada" && found?.role == .developer)
        #expect(try await database.role(ofToken: secret + "0") == nil)
        #expect(try await database.tokens().map(\.name) == ["ada"])
        try await database.checkpoint()
        let bytes = try #require(try FileSystem.read(fixture.path))
        let file = String(decoding: bytes.map { $0 < 128 ? $0 : 0 }, as: UTF8.self)
        #expect(file.contains(Digest.sha256(secret).description))
        #expect(!file.contains(secret.dropFirst(4)))
    }

    @Test func `a token that is revoked or too old opens nothing`() async throws {
        let old = try await database.createToken(name: "old", role: .admin, expires: Date(timeIntervalSinceNow: -1))
        #expect(try await database.role(ofToken: old) == nil)
        let secret = try await database.createToken(name: "ada", role: .admin)
        #expect(try await database.revokeToken(named: "ada"))
        #expect(try await database.revokeToken(named: "ada") == false)
        #expect(try await database.role(ofToken: secret) == nil)
    }

    @Test(arguments: ["", "a b", "../x", String(repeating: "a", count: 101)])
    func `a token's name is a name`(name: String) async throws {
        await #expect(throws: RunnerError.self) { try await database.createToken(name: name, role: .viewer) }
    }

    @Test func `a name is given to one token`() async throws {
        _ = try await database.createToken(name: "ada", role: .viewer)
        let error = await #expect(throws: RunnerError.self) {
            try await database.createToken(name: "ada", role: .admin)
        }
        #expect(error?.why == "there is one of that name")
        #expect(try await database.tokens().map(\.role) == [.viewer])
    }

    @Test func `its use is written down once a minute`() async throws {
        let secret = try await database.createToken(name: "ada", role: .viewer)
        #expect(try await database.tokens().first?.usedAt == nil)
        _ = try await database.role(ofToken: secret)
        let first = try #require(try await database.tokens().first?.usedAt)
        _ = try await database.role(ofToken: secret)
        #expect(try await database.tokens().first?.usedAt == first)
        try await database.write { try $0.execute(sql: "UPDATE token SET usedAt = usedAt - 61") }
        _ = try await database.role(ofToken: secret)
        #expect(try await database.tokens().first?.usedAt ?? .distantPast >= first)
    }

    @Test func `a delivery is taken once, until it is forgotten`() async throws {
        #expect(try await database.rememberDelivery("1", within: .seconds(60)))
        #expect(try await database.rememberDelivery("1", within: .seconds(60)) == false)
        try await database.write { try $0.execute(sql: "UPDATE delivery SET receivedAt = receivedAt - 61") }
        #expect(try await database.rememberDelivery("2", within: .seconds(60)))
        #expect(try await database.rememberDelivery("1", within: .seconds(60)))
    }

    // MARK: - Audit

    @Test func `what people do is written down in the transaction that does it`() async throws {
        let web = try await database.put(
            RepositoryDefinition(name: "web", url: "https://ada:secret@example.org/web.git"),
            origin: .added,
            actor: "ada"
        )
        try await database.put(web.definition, origin: .added, actor: "ada")
        let run = try await database.add(DatabaseFixture.run(group: "g"), of: web.id, actor: "ada")
        #expect(try await database.start(run))
        #expect(try await database.breakLock("\(web.id.value)/g", reason: "stuck", actor: "bob"))
        _ = try await database.requestCancel(run, reason: "wrong branch", actor: "bob")
        _ = try await database.requestCancel(run, reason: "again", actor: "bob")
        try await database.setDrained(true, actor: "bob")
        try await database.setDrained(true, actor: "bob")
        try await database.remove(web.id, actor: "bob")
        let lines = try await database.audit().map { "\($0.actor) \($0.action) \($0.subject): \($0.detail)" }
        #expect(
            lines == [
                "ada repository-added web: https://example.org/web.git",
                "ada run-asked run 1: ci for refs/heads/develop",
                "bob lock-broken 1/g: held by run 1: stuck",
                "bob run-canceled run 1: wrong branch",
                "bob drained server: ",
                "bob repository-removed web: ",
            ]
        )
        #expect(try await database.audit(after: 4, limit: 1).map(\.id) == [5])
        #expect(try await database.verifyAudit() == nil)
    }

    @Test func `a tag that moves is written down`() async throws {
        let web = try await fixture.repository()
        let target = RefTarget(object: DatabaseFixture.commit, commit: DatabaseFixture.commit)
        let tag = RefChange(ref: "refs/tags/v1", kind: .forceMoved, old: target, new: target)
        let branch = RefChange(ref: "refs/heads/x", kind: .forceMoved, old: target, new: target)
        _ = try await database.record([tag, branch], of: web, isFirstSight: false)
        let moved = try await database.audit().filter { $0.action == "tag-moved" }
        #expect(moved.map(\.subject) == ["web refs/tags/v1"])
    }

    @Test(arguments: [
        ("UPDATE audit SET detail = 'x' WHERE id = 3", 3), ("UPDATE audit SET at = at + 1 WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 4", 4), ("DELETE FROM audit WHERE id = 5", 5), ("DELETE FROM audit", 1),
        ("UPDATE audit SET hash = 'x' WHERE id = 1", 1),
    ])
    func `a line that was touched shows`(change: String, broken: Int64) async throws {
        for number in 1...5 { try await database.note(.reloaded, of: "server", detail: "\(number)") }
        #expect(try await database.verifyAudit() == nil)
        try await database.write { try $0.execute(sql: change) }
        #expect(try await database.verifyAudit() == broken)
    }
}
