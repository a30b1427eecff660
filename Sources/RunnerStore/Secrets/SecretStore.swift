import FoundationEssentials
import RunnerCore

/// The secrets of a server: sealed in its database, under a key that lies elsewhere. One per daemon; values leave it only to
/// be handed to a supervisor.
package actor SecretStore {
    /// Of one value, in bytes.
    package static let longest = 64 << 10

    private let database: RunnerDatabase
    private var place: SecretKeyPlace
    /// Whoever changes something has it alone from the look at the key to the end of the transaction.
    private var isChanging = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(_ database: RunnerDatabase, key place: SecretKeyPlace) {
        self.database = database
        self.place = place
    }

    package func use(_ place: SecretKeyPlace) { self.place = place }

    /// Keeps a value as a new version. `isRotation` refuses a name that is not there.
    package func set(
        _ name: String,
        environment: String?,
        to value: String,
        isRotation: Bool = false,
        actor: String
    ) async throws -> SecretRow {
        try Self.check(value, of: name)
        await begin()
        defer { end() }
        let key = try await sealingKey()
        if isRotation {
            let isThere = try await database.secrets().contains { $0.name == name && $0.environment == environment }
            guard isThere else { throw Self.unknown(name, environment, "rotate") }
        }
        return try await database.addSecret(name, environment: environment, actor: actor) { place in
            (try key.seal(value, for: place), key.id)
        }
    }

    package func remove(_ name: String, environment: String?, actor: String) async throws -> Int {
        let count = try await database.removeSecret(name, environment: environment, actor: actor)
        guard count > 0 else { throw Self.unknown(name, environment, "remove") }
        return count
    }

    /// A value and its version.
    package struct Opened: Sendable, Hashable {
        package var value: String
        package var version: String
        /// Whose value it is; `nil` where it is that of all.
        package var environment: String?

        package init(value: String, version: String, environment: String?) {
            self.value = value
            self.version = version
            self.environment = environment
        }
    }

    /// The newest value of a secret: that of the environment, else that of all; `nil` where there is none. Throws where it
    /// does not open.
    package func open(_ name: String, environment: String?) async throws -> Opened? {
        let found = try await database.sealedSecrets().filter { $0.place.name == name }
        let wanted = found.first { $0.place.environment == environment } ?? found.first { $0.place.environment.isEmpty }
        guard let wanted else { return nil }
        let value = try Self.open(wanted, try place.keys(), place)
        let own = wanted.place.environment
        let version = own.isEmpty ? "v\(wanted.place.version)" : "\(own) v\(wanted.place.version)"
        return Opened(value: value, version: version, environment: own.isEmpty ? nil : own)
    }

    /// What stands in records for a value that is not kept here.
    package func mark(of value: String, name: String) async throws -> String {
        await begin()
        defer { end() }
        return try await sealingKey().mark(of: value, name: name)
    }

    private func begin() async {
        guard isChanging else {
            isChanging = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        guard !waiting.isEmpty else {
            isChanging = false
            return
        }
        waiting.removeFirst().resume()
    }

    // MARK: - Keys

    /// Seals everything with a new key, or with the one that was put in the old one's place. How many values there are.
    package func rekey(actor: String) async throws -> Int {
        await begin()
        defer { end() }
        try await settle()
        let keys = try place.keys()
        let rows = try await database.sealedSecrets()
        let isMoved = keys.current.map { current in rows.contains { $0.keyID != current.id } } ?? false
        if let current = keys.current, isMoved || place.source == .credential {
            guard isMoved else { throw Self.alreadyNewest(place) }
            let count = try await reseal(keys, with: current, actor: actor)
            try place.forgetOld()
            return count
        }
        guard keys.current != nil || rows.isEmpty else { throw missing(rows) }
        if keys.current == nil { _ = try place.make() }
        let next = try place.makeNext()
        let count: Int
        do {
            count = try await reseal(keys, with: next, actor: actor)
        } catch {
            try await settle()
            throw error
        }
        try place.useNext()
        return count
    }

    /// Ends a change of keys that was cut off: forward where its transaction is in, else back. At a daemon's start.
    package func recover() async throws {
        await begin()
        defer { end() }
        try await settle()
    }

    private func settle() async throws {
        let inUse = Set(try await database.sealedSecrets().map(\.keyID))
        if let next = try place.nextKey() {
            inUse.contains(next.id) ? try place.useNext() : try place.forgetNext()
        }
        if place.hasOld, let current = try place.keys().current, inUse.isSubset(of: [current.id]) {
            try place.forgetOld()
        }
    }

    private func reseal(_ keys: SecretKeyPlace.Keys, with key: SecretKey, actor: String) async throws -> Int {
        let place = place
        return try await database.resealSecrets(actor: actor, detail: "key \(key.id)") { secret in
            (try key.seal(Self.open(secret, keys, place), for: secret.place), key.id)
        }
    }

    /// The key for a new value. One is made only where nothing lies under another, and none is used beside values that it
    /// does not open.
    private func sealingKey() async throws -> SecretKey {
        let keys = try place.keys()
        let rows = try await database.sealedSecrets()
        if let current = keys.current {
            if let foreign = rows.first(where: { keys.known[$0.keyID] == nil }) {
                throw Self.wrongKey(foreign, current, place)
            }
            return current
        }
        guard rows.isEmpty else { throw missing(rows) }
        return try place.make()
    }

    private func missing(_ rows: [RunnerDatabase.SealedSecret]) -> RunnerError {
        Self.missing("cannot keep secrets", rows[0].keyID, place)
    }

    private static func open(
        _ secret: RunnerDatabase.SealedSecret,
        _ keys: SecretKeyPlace.Keys,
        _ place: SecretKeyPlace
    ) throws -> String {
        guard let key = keys.known[secret.keyID] else {
            guard let current = keys.current else {
                throw missing("cannot open the secret `\(secret.place.name)`", secret.keyID, place)
            }
            throw wrongKey(secret, current, place)
        }
        guard let value = key.open(secret.sealed, of: secret.place) else {
            throw RunnerError(
                .errored,
                "cannot open the secret `\(secret.place.name)`",
                why: "its row in the database is not as it was written",
                hint: "set it anew: `runner secret set \(secret.place.name)`"
            )
        }
        return value
    }
}

extension SecretStore {
    /// What neither a variable nor a file of a stage can hold.
    package static func check(_ value: String, of name: String) throws {
        let why: String
        if value.isEmpty {
            why = "the value is empty"
        } else if value.utf8.count > longest {
            why = "the value has \(value.utf8.count) bytes; a secret has at most \(longest)"
        } else if value.utf8.contains(0) {
            why = "the value holds a zero byte, which no variable can"
        } else {
            return
        }
        throw RunnerError(.input, "cannot keep the secret `\(name)`", why: why)
    }

    private static func unknown(_ name: String, _ environment: String?, _ verb: String) -> RunnerError {
        let place = environment.map { " of environment `\($0)`" } ?? ""
        return RunnerError(
            .input,
            "cannot \(verb) the secret `\(name)`\(place)",
            why: "there is none of that name",
            hint: "`runner secret list` shows all"
        )
    }

    private static func missing(_ what: String, _ keyID: String, _ place: SecretKeyPlace) -> RunnerError {
        RunnerError(
            .errored,
            what,
            why: "the key \(keyID), which the stored ones are sealed with, is missing: `\(place.path)` is not there",
            hint: "put the key back there; without it, remove each secret and set it anew"
        )
    }

    private static func wrongKey(
        _ secret: RunnerDatabase.SealedSecret,
        _ current: SecretKey,
        _ place: SecretKeyPlace
    ) -> RunnerError {
        RunnerError(
            .errored,
            "cannot open the secret `\(secret.place.name)`",
            why: "it is sealed with the key \(secret.keyID), and `\(place.path)` holds the key \(current.id)",
            hint: "put the right key there, or beside it as `\(place.path).old`, then `runner secret rekey`"
        )
    }

    private static func alreadyNewest(_ place: SecretKeyPlace) -> RunnerError {
        RunnerError(
            .input,
            "cannot make a new key",
            why: "the key is a credential that systemd hands over, and everything is sealed with it",
            hint: "change the credential and keep the old key as `keys/secrets.key.old` of the state directory, "
                + "then restart and `runner secret rekey`"
        )
    }
}
