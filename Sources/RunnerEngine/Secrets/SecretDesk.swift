package import FoundationEssentials
import Glibc
package import RunnerCore
import RunnerExecution
package import RunnerStore
import SystemPackage

/// The secrets of a server: who keeps, changes and gets them.
package actor SecretDesk {
    package nonisolated let store: SecretStore
    private let database: RunnerDatabase
    private let state: StateDirectory
    private var rules: [String: SecretRule] = [:]
    private var cache: [String: Cached] = [:]

    /// What a command printed.
    private struct Cached {
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

    // MARK: - Releasing

    /// Whether a command of the server's file has to answer before the run can begin.
    func asksPrograms(for plan: Plan) -> Bool {
        (plan.stages + plan.finally).contains { stage in
            stage.definition.secrets.contains { rules[$0]?.command != nil }
        }
    }

    /// What a run's stages get, and which get nothing.
    struct Released: Sendable {
        /// As handed to the supervisor: by `SecretName.handed`.
        var values: [String: String] = [:]
        var versions: [String: String] = [:]
        /// By stage.
        var refusals: [String: SecretRefusal] = [:]
    }

    /// Decides what each stage of a run gets, and writes it down before anything is handed over.
    func release(_ run: RunRow, _ plan: Plan, _ stages: [PlannedStage], trust: RefTrust) async throws -> Released {
        let release = SecretRelease(
            repository: run.repository,
            event: plan.event,
            trust: trust,
            pipeline: plan.pipeline
        )
        var released = Released()
        var uses: [SecretUse] = []
        var settled: [String: Result<SecretStore.Opened, Refused>] = [:]
        for stage in stages {
            var opened: [(String, SecretStore.Opened)] = []
            var refusal: SecretRefusal?
            for name in stage.definition.secrets where refusal == nil {
                let environment = stage.definition.environment
                refusal = release.refusal(
                    of: name,
                    to: stage.definition.name,
                    environment: environment,
                    rule: rules[name]
                )
                guard refusal == nil else { continue }
                let key = SecretName.handed(name, environment: environment)
                // The cells of a matrix ask once, also for what is refused.
                let found: Result<SecretStore.Opened, Refused>
                if let known = settled[key] { found = known } else { found = await value(of: name, environment) }
                settled[key] = found
                switch found {
                case .success(let value): opened.append((name, value))
                case .failure(let refused): refusal = refused.refusal
                }
            }
            if let refusal {
                released.refusals[stage.id.description] = refusal
                continue
            }
            for (name, value) in opened {
                let key = SecretName.handed(name, environment: value.environment)
                released.values[key] = value.value
                released.versions[key] = value.version
                uses.append(
                    SecretUse(
                        at: Date(),
                        run: run.number,
                        repository: run.repository,
                        ref: plan.event.ref,
                        stage: stage.id,
                        name: name,
                        environment: value.environment,
                        version: value.version
                    )
                )
            }
        }
        try await database.note(uses)
        return released
    }

    private struct Refused: Error {
        let refusal: SecretRefusal
    }

    private func value(of name: String, _ environment: String?) async -> Result<SecretStore.Opened, Refused> {
        do {
            if let command = rules[name]?.command {
                let value = try await value(of: name, command)
                let mark = try await store.mark(of: value, name: name)
                return .success(SecretStore.Opened(value: value, version: "command \(mark)", environment: nil))
            }
            if let opened = try await store.open(name, environment: environment) { return .success(opened) }
            let why = "the server has no secret of that name"
            let hint = "who runs the server may set it: `runner secret set \(name)`"
            return .failure(Refused(refusal: SecretRefusal(secret: name, why: why, hint: hint)))
        } catch let problem as SecretProgram.Problem {
            let hint =
                "run the command of `secrets: { \(name): ... }` in the server's file by hand, as the daemon's user"
            let why = "its command \(problem.words)"
            return .failure(Refused(refusal: SecretRefusal(secret: name, why: why, hint: hint)))
        } catch let error as RunnerError {
            let why = [error.what, error.why].compactMap(\.self).joined(separator: ": ")
            return .failure(Refused(refusal: SecretRefusal(secret: name, why: why, hint: error.hint)))
        } catch {
            return .failure(Refused(refusal: SecretRefusal(secret: name, why: "\(error)")))
        }
    }

    private func value(of name: String, _ command: SecretRule.Command) async throws -> String {
        if let cached = cache[name], cached.command == command, cached.until > .now { return cached.value }
        cache[name] = nil
        let value = try await SecretProgram(command: command).value()
        // The server's file may be another one by now.
        if command.cache > .zero, rules[name]?.command == command {
            cache[name] = Cached(command: command, value: value, until: .now + command.cache)
        }
        return value
    }
}
