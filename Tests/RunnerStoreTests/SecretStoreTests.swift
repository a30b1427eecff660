import FoundationEssentials
import GRDB
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

/// Secrets at rest: sealed, bound to their place, and readable after whatever cut a change of keys off.
@Suite struct SecretStoreTests {
    private let fixture: DatabaseFixture
    private var database: RunnerDatabase { fixture.database }
    private var state: StateDirectory { StateDirectory(fixture.scratch.path) }
    private var place: SecretKeyPlace { SecretKeyPlace(state, named: nil, credentials: nil) }
    private var store: SecretStore { SecretStore(database, key: place) }
    private let value = "hunter2-Zr8!kq-0451"

    init() throws { fixture = try DatabaseFixture() }

    private func value(of name: String, _ environment: String? = nil) async throws -> String? {
        try await store.open(name, environment: environment)?.value
    }

    private func sealed() throws -> String { "SELECT sealed FROM secret WHERE name = ?" }

    private func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
        let queue = try DatabaseQueue(path: fixture.path.string)
        try queue.write { try $0.execute(sql: sql, arguments: arguments) }
        try queue.close()
    }

    @Test func `a value comes back, and lies nowhere in the clear`() async throws {
        _ = try await store.set("TOKEN", environment: nil, to: value, actor: "ada")
        #expect(try await store.open("TOKEN", environment: nil)?.version == "v1")
        #expect(try await value(of: "TOKEN") == value)
        for file in [fixture.path, FilePath("\(fixture.path)-wal")] {
            let bytes = Array(try FileSystem.read(file) ?? Data())
            #expect(!bytes.contains(value.utf8))
            #expect(!bytes.contains(Data(value.utf8).base64EncodedString().utf8.prefix(20)))
        }
        var status = stat()
        #expect(stat(state.secretsKey.string, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600 && status.st_size == 32)
    }

    @Test func `a new version takes the place of the old one, whose value is forgotten`() async throws {
        _ = try await store.set("TOKEN", environment: nil, to: "first", actor: "ada")
        let second = try await store.set("TOKEN", environment: nil, to: "second", isRotation: true, actor: "bob")
        #expect(second.version == 2 && second.createdBy == "bob")
        #expect(try await value(of: "TOKEN") == "second")
        #expect(try await database.secrets().map(\.version) == [2])
        let queue = try DatabaseQueue(path: fixture.path.string)
        let left = try await queue.read {
            try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM secret WHERE sealed IS NULL")
        }
        #expect(left == 1)
        #expect(try await database.audit().map(\.action) == ["secret-set", "secret-rotated"])
    }

    @Test func `a version's number is not given twice, not even after its secret was removed`() async throws {
        _ = try await store.set("TOKEN", environment: nil, to: "first", actor: "ada")
        #expect(try await store.remove("TOKEN", environment: nil, actor: "ada") == 1)
        #expect(try await value(of: "TOKEN") == nil)
        #expect(try await store.set("TOKEN", environment: nil, to: "again", actor: "ada").version == 2)
    }

    @Test func `an environment's own value comes before that of all`() async throws {
        _ = try await store.set("TOKEN", environment: nil, to: "for all", actor: "ada")
        _ = try await store.set("TOKEN", environment: "production", to: "for one", actor: "ada")
        #expect(try await value(of: "TOKEN", "production") == "for one")
        #expect(try await store.open("TOKEN", environment: "production")?.version == "production v1")
        #expect(try await value(of: "TOKEN", "staging") == "for all")
        #expect(try await value(of: "TOKEN") == "for all")
        #expect(try await store.remove("TOKEN", environment: "production", actor: "ada") == 1)
        #expect(try await value(of: "TOKEN", "production") == "for all")
    }

    @Test func `a value of one environment is not that of others`() async throws {
        _ = try await store.set("TOKEN", environment: "production", to: "for one", actor: "ada")
        #expect(try await value(of: "TOKEN") == nil)
        #expect(try await value(of: "TOKEN", "staging") == nil)
    }

    @Test(arguments: ["name", "environment", "version"])
    func `a row in another's place does not open`(column: String) async throws {
        _ = try await store.set("A", environment: "one", to: "of a", actor: "ada")
        let change = column == "version" ? "version = 7" : "\(column) = 'B'"
        try execute("UPDATE secret SET \(change)")
        let (name, environment) = (column == "name" ? "B" : "A", column == "environment" ? "B" : "one")
        let error = await #expect(throws: RunnerError.self) {
            try await store.open(name, environment: environment)
        }
        #expect(error?.why == "its row in the database is not as it was written")
    }

    @Test func `a changed byte does not open`() async throws {
        _ = try await store.set("A", environment: nil, to: "of a", actor: "ada")
        try execute("UPDATE secret SET sealed = zeroblob(length(sealed))")
        await #expect(throws: RunnerError.self) { try await store.open("A", environment: nil) }
    }

    @Test(arguments: ["", "a\0b", String(repeating: "x", count: SecretStore.longest + 1)])
    func `what no variable can hold is refused`(value: String) async throws {
        await #expect(throws: RunnerError.self) {
            try await store.set("A", environment: nil, to: value, actor: "ada")
        }
        #expect(!FileSystem.exists(state.secretsKey))
    }

    @Test func `only what is there is rotated or removed`() async throws {
        await #expect(throws: RunnerError.self) {
            try await store.set("A", environment: nil, to: "value", isRotation: true, actor: "ada")
        }
        await #expect(throws: RunnerError.self) { try await store.remove("A", environment: nil, actor: "ada") }
    }

    @Test func `with its key missing, values do not open and no other key is made`() async throws {
        _ = try await store.set("A", environment: nil, to: value, actor: "ada")
        let aside = FilePath("\(state.secretsKey).aside")
        try FileSystem.rename(state.secretsKey, to: aside)
        let opening = await #expect(throws: RunnerError.self) { try await store.open("A", environment: nil) }
        #expect(opening?.why?.contains("is missing") == true)
        for change in [false, true] {
            await #expect(throws: RunnerError.self) {
                if change {
                    _ = try await store.rekey(actor: "ada")
                } else {
                    _ = try await store.set("B", environment: nil, to: "value", actor: "ada")
                }
            }
        }
        #expect(!FileSystem.exists(state.secretsKey))
        try FileSystem.rename(aside, to: state.secretsKey)
        #expect(try await value(of: "A") == value)
    }

    @Test func `once nothing lies under a lost key, another is made`() async throws {
        _ = try await store.set("A", environment: nil, to: value, actor: "ada")
        unlink(state.secretsKey.string)
        _ = try await store.remove("A", environment: nil, actor: "ada")
        _ = try await store.set("A", environment: nil, to: "new", actor: "ada")
        #expect(try await value(of: "A") == "new")
    }

    @Test func `a wrong key opens nothing and seals nothing`() async throws {
        _ = try await store.set("A", environment: nil, to: value, actor: "ada")
        try FileSystem.write(SecretKey().bytes, to: state.secretsKey, mode: 0o600)
        let error = await #expect(throws: RunnerError.self) { try await store.open("A", environment: nil) }
        #expect(error?.why?.contains("holds the key") == true)
        await #expect(throws: RunnerError.self) { try await store.set("B", environment: nil, to: "b", actor: "ada") }
        await #expect(throws: RunnerError.self) { try await store.rekey(actor: "ada") }
    }

    @Test(arguments: [0, 31, 33]) func `a file of another length is no key`(length: Int) async throws {
        try FileSystem.makeDirectories(state.secretsKey.removingLastComponent())
        try FileSystem.write([UInt8](repeating: 7, count: length), to: state.secretsKey, mode: 0o600)
        await #expect(throws: RunnerError.self) { try await store.set("A", environment: nil, to: "a", actor: "ada") }
        #expect(try FileSystem.read(state.secretsKey)?.count == length)
    }

    @Test func `a key that everybody may read is refused`() async throws {
        _ = try await store.set("A", environment: nil, to: "a", actor: "ada")
        chmod(state.secretsKey.string, 0o644)
        let error = await #expect(throws: RunnerError.self) { try await store.open("A", environment: nil) }
        #expect(error?.why == "everybody may read it")
    }

    @Test func `a named key is taken and never made`() async throws {
        let named = fixture.scratch.path.appending("named.key")
        let store = SecretStore(database, key: SecretKeyPlace(state, named: named, credentials: nil))
        await #expect(throws: RunnerError.self) { try await store.set("A", environment: nil, to: "a", actor: "ada") }
        try FileSystem.write(SecretKey().bytes, to: named, mode: 0o600)
        _ = try await store.set("A", environment: nil, to: "a", actor: "ada")
        #expect(try await store.open("A", environment: nil)?.value == "a")
        #expect(!FileSystem.exists(state.secretsKey))
    }

    @Test func `a credential of systemd takes over from the runner's own key`() async throws {
        _ = try await store.set("A", environment: nil, to: "a", actor: "ada")
        let credentials = fixture.scratch.path.appending("credentials")
        try FileSystem.makeDirectories(credentials)
        let file = credentials.appending("runner-secrets-key")
        try FileSystem.write(SecretKey().bytes, to: file, mode: 0o400)
        let store = SecretStore(database, key: SecretKeyPlace(state, named: nil, credentials: credentials))
        #expect(try await store.open("A", environment: nil)?.value == "a")
        #expect(try await store.rekey(actor: "ada") == 1)
        unlink(state.secretsKey.string)
        #expect(try await store.open("A", environment: nil)?.value == "a")
        await #expect(throws: RunnerError.self) { try await store.rekey(actor: "ada") }
    }

    @Test func `the mark of a value tells values apart and is bound to the key`() async throws {
        let mark = try await store.mark(of: "a", name: "A")
        #expect(try await store.mark(of: "a", name: "A") == mark)
        #expect(try await store.mark(of: "b", name: "A") != mark)
        #expect(try await store.mark(of: "a", name: "B") != mark)
        #expect(mark.utf8.count == 16)
        unlink(state.secretsKey.string)
        #expect(try await store.mark(of: "a", name: "A") != mark)
    }
}

/// Other keys: each step of the way, cut off.
@Suite struct SecretRekeyTests {
    private let fixture: DatabaseFixture
    private var database: RunnerDatabase { fixture.database }
    private var state: StateDirectory { StateDirectory(fixture.scratch.path) }
    private var place: SecretKeyPlace { SecretKeyPlace(state, named: nil, credentials: nil) }

    init() throws { fixture = try DatabaseFixture() }

    private func fill() async throws -> SecretStore {
        let store = SecretStore(database, key: place)
        for index in 0..<20 {
            _ = try await store.set("S\(index)", environment: nil, to: "value \(index)", actor: "ada")
        }
        return store
    }

    private func expectAll(_ store: SecretStore) async throws {
        for index in 0..<20 { #expect(try await store.open("S\(index)", environment: nil)?.value == "value \(index)") }
    }

    private var names: [String] { FileSystem.names(in: state.secretsKey.removingLastComponent()) }

    @Test func `everything is sealed anew, and the old key is gone`() async throws {
        let store = try await fill()
        let before = try FileSystem.read(state.secretsKey)
        #expect(try await store.rekey(actor: "ada") == 20)
        try await expectAll(store)
        #expect(try FileSystem.read(state.secretsKey) != before)
        #expect(names == ["secrets.key"])
        #expect(try await database.audit().last?.action == "secret-rekeyed")
    }

    @Test(arguments: 1...4) func `what a change of keys leaves that was cut off is readable, and is put in order`(
        steps: Int
    ) async throws {
        _ = try await fill()
        let old = try #require(try place.keys().current)
        let next = try place.makeNext()
        if steps >= 2 {
            _ = try await database.resealSecrets(actor: "ada", detail: "") { secret in
                (try next.seal(try #require(old.open(secret.sealed, of: secret.place)), for: secret.place), next.id)
            }
        }
        if steps >= 3 { link(state.secretsKey.string, "\(state.secretsKey).old") }
        if steps >= 4 { rename("\(state.secretsKey).new", state.secretsKey.string) }
        let later = SecretStore(database, key: place)
        try await expectAll(later)
        try await later.recover()
        try await expectAll(later)
        #expect(names == ["secrets.key"])
        #expect(try place.keys().current?.id == (steps == 1 ? old.id : next.id))
    }

    @Test func `values that are set while keys change are all readable`() async throws {
        let store = try await fill()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    if index % 8 == 0 {
                        _ = try await store.rekey(actor: "ada")
                    } else {
                        _ = try await store.set("T\(index)", environment: nil, to: "later \(index)", actor: "ada")
                    }
                }
            }
            try await group.waitForAll()
        }
        try await expectAll(store)
        for index in 0..<40 where index % 8 != 0 {
            #expect(try await store.open("T\(index)", environment: nil)?.value == "later \(index)")
        }
    }
}
