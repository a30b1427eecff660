import FoundationEssentials
import RunnerCore
import RunnerStore

/// Deciding what a run's stages get, and fetching it.
extension SecretDesk {
    /// What a run's stages get, and which get nothing.
    struct Released: Sendable {
        /// As handed to the supervisor: by `SecretName.handed`.
        var values: [String: String] = [:]
        var versions: [String: String] = [:]
        /// By stage.
        var refusals: [String: SecretRefusal] = [:]
    }

    /// A secret as a stage asks for it.
    private struct Wanted: Hashable {
        let name: String
        let environment: String?
    }

    private enum Found {
        case value(SecretStore.Opened)
        case refused(SecretRefusal)
    }

    /// Whether a command of the server's file has to answer before the run can begin.
    func asksPrograms(for plan: Plan) -> Bool {
        (plan.stages + plan.finally).contains { stage in
            stage.definition.secrets.contains { rules[$0]?.command != nil }
        }
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
        for stage in stages {
            released.refusals[stage.id.description] = refusal(of: stage, release)
        }
        let open = stages.filter { released.refusals[$0.id.description] == nil }
        let found = await find(Set(open.flatMap(Self.wanted)))
        // What was cut off with the daemon is no refusal: the next one asks again.
        try Task.checkCancellation()
        var uses: [SecretUse] = []
        for stage in open {
            var opened: [(name: String, value: SecretStore.Opened)] = []
            for wanted in Self.wanted(stage) {
                switch found[wanted] {
                case .value(let value): opened.append((wanted.name, value))
                case .refused(let refusal): released.refusals[stage.id.description] = refusal
                case nil: continue
                }
            }
            // All that it asks for, or nothing.
            guard released.refusals[stage.id.description] == nil else { continue }
            for (name, value) in opened {
                let key = SecretName.handed(name, environment: value.environment)
                released.values[key] = value.value
                released.versions[key] = value.version
                uses.append(Self.use(name, value, by: stage.id, run))
            }
        }
        try await database.note(uses)
        return released
    }

    private static func wanted(_ stage: PlannedStage) -> [Wanted] {
        stage.definition.secrets.map { Wanted(name: $0, environment: stage.definition.environment) }
    }

    /// By rule alone; the first of what it asks for and does not get.
    private func refusal(of stage: PlannedStage, _ release: SecretRelease) -> SecretRefusal? {
        for wanted in Self.wanted(stage) {
            let refusal = release.refusal(
                of: wanted.name,
                to: stage.definition.name,
                environment: wanted.environment,
                rule: rules[wanted.name]
            )
            if let refusal { return refusal }
        }
        return nil
    }

    private static func use(_ name: String, _ value: SecretStore.Opened, by stage: StageID, _ run: RunRow) -> SecretUse
    {
        SecretUse(
            at: Date(),
            run: run.number,
            repository: run.repository,
            ref: run.event.ref,
            stage: stage,
            name: name,
            environment: value.environment,
            version: value.version
        )
    }

    /// What an environment's scripts get: its file, which no commit can change, says that it is theirs. All of it, or an
    /// error.
    func values(of names: [String], for environment: String) async throws -> [String: String] {
        var values: [String: String] = [:]
        for name in names {
            switch await find(Wanted(name: name, environment: environment)) {
            case .value(let opened): values[name] = opened.value
            case .refused(let refusal):
                throw RunnerError(
                    .errored,
                    "environment `\(environment)` lacks secret `\(name)`",
                    why: refusal.why,
                    hint: refusal.hint
                )
            }
        }
        return values
    }

    // MARK: - Fetching

    /// All at once: a run waits for the slowest command, not for one after the other.
    private func find(_ wanted: Set<Wanted>) async -> [Wanted: Found] {
        await withTaskGroup(of: (Wanted, Found).self) { group in
            for one in wanted { group.addTask { (one, await self.find(one)) } }
            var found: [Wanted: Found] = [:]
            for await (one, value) in group { found[one] = value }
            return found
        }
    }

    private func find(_ wanted: Wanted) async -> Found {
        let name = wanted.name
        do {
            if let command = rules[name]?.command {
                let value = try await value(of: name, command)
                let mark = try await store.mark(of: value, name: name)
                return .value(SecretStore.Opened(value: value, version: "command \(mark)", environment: nil))
            }
            if let opened = try await store.open(name, environment: wanted.environment) { return .value(opened) }
            return .refused(
                SecretRefusal(
                    secret: name,
                    why: "the server has no secret of that name",
                    hint: "who runs the server may set it: `runner secret set \(name)`"
                )
            )
        } catch let problem as SecretProgram.Problem {
            return .refused(
                SecretRefusal(
                    secret: name,
                    why: "its command \(problem.words)",
                    hint:
                        "run `command` of `secrets: { \(name): ... }` in the server's file by hand, as the daemon's user"
                )
            )
        } catch let error as RunnerError {
            let why = [error.what, error.why].compactMap(\.self).joined(separator: ": ")
            return .refused(SecretRefusal(secret: name, why: why, hint: error.hint))
        } catch {
            return .refused(SecretRefusal(secret: name, why: "\(error)"))
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
