package import RunnerCore
import RunnerExecution

/// Watches a release that has traffic, until its rules say good, bad, or that nobody can say.
package struct ReleaseWatch: Sendable {
    package enum End: Sendable, Hashable {
        case good
        case bad(String)
        case unknown(String)
    }

    private let settings: WatchSettings
    private let environment: DeployEnvironment
    private let version: String
    private let facts: [String: String]
    private let shells: DeployShells
    private let say: @Sendable (String) -> Void

    /// `facts` are the variables for rules that are commands.
    package init(
        _ settings: WatchSettings,
        environment: DeployEnvironment,
        version: String,
        facts: [String: String],
        shells: DeployShells,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.environment = environment
        self.version = version
        self.facts = facts
        self.shells = shells
        self.say = say
    }

    /// `bake` takes the place of the settings' own. Throws where the task is canceled.
    package func run(_ bake: Duration, new: [DeployInstance], stable: [DeployInstance]) async throws -> End {
        var settings = settings
        settings.bake = bake
        settings.interval = min(settings.interval, max(bake, .milliseconds(200)))
        let look = environment.health.map { shells.look(environment, $0, facts) }
        let probe = look.map { FleetProbe($0, at: new + stable) }
        let newReader = reader(probe, of: Set(new))
        let stableReader = reader(probe, of: Set(stable))
        let result: Result<End, any Error>
        do {
            let end = try await withThrowingTaskGroup(of: Void.self) { group in
                if let probe { group.addTask { await probe.run() } }
                defer { group.cancelAll() }
                return try await judge(settings, newReader, stable.isEmpty ? nil : stableReader)
            }
            result = .success(end)
        } catch {
            result = .failure(error)
        }
        await look?.close()
        await newReader.close()
        await stableReader.close()
        return try result.get()
    }

    private func judge(_ settings: WatchSettings, _ reader: WatchReader, _ stable: WatchReader?) async throws -> End {
        var judge = WatchJudge(settings, start: .now)
        var said: String?
        while true {
            var readings: [String: WatchReading] = [:]
            var others: [String: WatchReading] = [:]
            for rule in settings.rules {
                readings[rule.name] = try await reader.read(rule, version: version)
                if let stable, rule.comparesWithStable {
                    others[rule.name] = try await stable.read(rule, version: version)
                }
            }
            switch judge.take(readings, stable: stable == nil ? nil : others, at: .now) {
            case .good: return .good
            case .bad(_, let words): return .bad(words)
            case .unknown(let words): return .unknown(words)
            case .watching(_, let unclear):
                if let unclear, unclear != said { say(unclear) }
                said = unclear
            }
            try await Task.sleep(for: settings.interval)
        }
    }

    private func reader(_ probe: FleetProbe?, of instances: Set<DeployInstance>) -> WatchReader {
        WatchReader(environment: environment.name, variables: facts) { source in
            let value: Double?
            switch source {
            case .errorRate: value = probe?.errorRate(of: instances)
            case .p95: value = probe?.p95(of: instances)
            case .prometheus, .http, .command: value = nil
            }
            return value.map { .value($0) } ?? .noData("no request was answered yet")
        }
    }
}
