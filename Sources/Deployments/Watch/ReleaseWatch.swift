import AsyncHTTPClient
package import RunnerCore
import RunnerExecution

/// Watches a release that has traffic, until its rules say good, bad, or that nobody can say.
package struct ReleaseWatch: Sendable {
    private let settings: WatchSettings
    private let environment: DeployEnvironment
    private let version: String
    private let facts: [String: String]

    /// `facts` are the variables for rules that are commands.
    package init(
        _ settings: WatchSettings,
        environment: DeployEnvironment,
        version: String,
        facts: [String: String]
    ) {
        self.settings = settings
        self.environment = environment
        self.version = version
        self.facts = facts
    }

    package func run(
        _ bake: Duration,
        new: [DeployInstance],
        stable: [DeployInstance],
        shells: DeployShells,
        say: @escaping @Sendable (String) -> Void
    ) async throws -> WatchJudge.Verdict {
        let client = HTTPClient(configuration: .init(redirectConfiguration: .disallow))
        let result: Result<WatchJudge.Verdict, any Error>
        do {
            result = .success(try await watch(bake, new, stable, shells, client, say))
        } catch {
            result = .failure(error)
        }
        // All that a client that does not end can cost is what the process gives back anyway.
        try? await client.shutdown()
        return try result.get()
    }

    private func watch(
        _ bake: Duration,
        _ new: [DeployInstance],
        _ stable: [DeployInstance],
        _ shells: DeployShells,
        _ client: HTTPClient,
        _ say: @escaping @Sendable (String) -> Void
    ) async throws -> WatchJudge.Verdict {
        let look = environment.health.map { shells.look(environment, $0, facts) }
        let probe = look.map { FleetProbe($0, at: new + stable) }
        let source = WatchSource(
            client: client,
            environment: environment.name,
            version: version,
            facts: facts,
            shells: shells,
            timeout: min(settings.interval, .seconds(10))
        )
        let verdict = try await withThrowingTaskGroup(of: Void.self) { group in
            if let probe { group.addTask { await probe.run() } }
            defer { group.cancelAll() }
            return try await judge(bake, new, stable, source, probe, say)
        }
        await look?.close()
        return verdict
    }

    private func judge(
        _ bake: Duration,
        _ new: [DeployInstance],
        _ stable: [DeployInstance],
        _ source: WatchSource,
        _ probe: FleetProbe?,
        _ say: @Sendable (String) -> Void
    ) async throws -> WatchJudge.Verdict {
        var judge = WatchJudge(settings.rules, bake: bake)
        let interval = min(settings.interval, max(bake, .milliseconds(200)))
        var last = ContinuousClock.now
        var said: String?
        while true {
            try await Task.sleep(for: interval)
            var readings: [String: WatchReading] = [:]
            var others: [String: WatchReading] = [:]
            for rule in settings.rules {
                readings[rule.name] = await source.read(rule) ?? Self.own(rule, probe, Set(new))
                if rule.comparesWithStable, !stable.isEmpty { others[rule.name] = Self.own(rule, probe, Set(stable)) }
            }
            try Task.checkCancellation()
            let now = ContinuousClock.now
            let verdict = judge.take(readings, stable: others, after: last.duration(to: now))
            last = now
            guard case .watching = verdict else { return verdict }
            if let trouble = judge.trouble, trouble != said { say(trouble) }
            said = judge.trouble
        }
    }

    private static func own(_ rule: WatchRule, _ probe: FleetProbe?, _ instances: Set<DeployInstance>) -> WatchReading {
        let value: Double?
        switch rule.source {
        case .errorRate: value = probe?.errorRate(of: instances)
        case .p95: value = probe?.p95(of: instances)
        case .prometheus, .http, .command: return .noData("the source cannot tell instances apart")
        }
        return value.map { .value($0) } ?? .noData("no request was answered yet")
    }
}
