package import FoundationEssentials
import Glibc
package import RunnerCore
import RunnerExecution
package import RunnerStore
import SystemPackage

/// The secrets of a server: who keeps, changes and gets them.
package actor SecretDesk {
    package nonisolated let store: SecretStore
    let database: RunnerDatabase
    private let state: StateDirectory
    private(set) var rules: [String: SecretRule] = [:]
    /// What commands printed, by secret.
    var cache: [String: Cached] = [:]

    struct Cached {
        let command: SecretRule.Command
        let value: String
        let until: ContinuousClock.Instant
    }

    package init(_ database: RunnerDatabase, state: StateDirectory, options: ServerOptions) {
        self.database = database
        self.state = state
        store = SecretStore(database, key: Self.keyPlace(state, options))
        rules = Self.byName(options)
    }

    /// The server's file as it is now. Values that commands gave are asked for anew.
    package func use(_ options: ServerOptions) async {
        rules = Self.byName(options)
        cache = [:]
        await store.use(Self.keyPlace(state, options))
    }

    private static func byName(_ options: ServerOptions) -> [String: SecretRule] {
        Dictionary(options.secrets.map { ($0.name, $0) }) { first, _ in first }
    }

    private static func keyPlace(_ state: StateDirectory, _ options: ServerOptions) -> SecretKeyPlace {
        SecretKeyPlace(
            state,
            named: options.secretsKeyFile.map { FilePath($0) },
            credentials: getenv("CREDENTIALS_DIRECTORY").map { FilePath(String(cString: $0)) }
        )
    }

    // MARK: - Keeping

    /// What became of a new value.
    package struct Kept: Sendable {
        package let secret: SecretRow
        /// Of the version before; `nil` where no run got it, or there was none.
        package let usedAt: Date?
        package let warnings: [String]
    }

    /// Keeps a value as a new version, and says what there is to know about it.
    package func set(
        _ name: String,
        environment: String?,
        to value: String,
        isRotation: Bool,
        actor: String
    ) async throws -> Kept {
        guard SecretName.isName(name) else {
            throw RunnerError(
                .input,
                "cannot keep a secret `\(name)`",
                why: "pipelines get it as a variable of that name",
                hint: ReservedVariables.contains(name)
                    ? ReservedVariables.hint(for: name) : "letters, digits and `_`, not starting with a digit"
            )
        }
        guard environment.map(SecretName.isEnvironment) ?? true else {
            throw RunnerError(
                .input,
                "cannot keep a secret of environment `\(environment ?? "")`",
                why: "no environment has such a name",
                hint: "letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 100"
            )
        }
        let before = try await database.secrets().first { $0.name == name && $0.environment == environment }
        let secret = try await store.set(
            name,
            environment: environment,
            to: value,
            isRotation: isRotation,
            actor: actor
        )
        var warnings = SecretAdvice.warnings(for: value)
        if rules[name]?.command != nil {
            warnings.append("the server's file has a command for it, which wins over what is stored")
        }
        return Kept(secret: secret, usedAt: before?.usedAt, warnings: warnings)
    }

    /// Names that the server's file has a command for.
    package var commands: [String] { rules.values.filter { $0.command != nil }.map(\.name).sorted() }
}
