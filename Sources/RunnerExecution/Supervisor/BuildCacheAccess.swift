import BuildCache
import RunnerCore
import RunnerStore

/// The build cache of one run, which its supervisor serves, and what opens it.
struct BuildCacheAccess: Sendable {
    /// What the steps find its address by.
    static let variable = "RUNNER_BUILD_CACHE"

    /// Of this run alone; it is in the memory of the supervisor and of the steps, and nowhere else.
    let token: String
    private let server: BuildCacheServer

    var address: String { "http://runner:\(token)@127.0.0.1:\(server.port)" }

    /// `nil` where no stage asks for it, and where it cannot be had: a build that misses its cache is slow, not wrong.
    static func open(for spec: RunSpec, state: StateDirectory, _ journal: Journal) async -> BuildCacheAccess? {
        let all = spec.plan.stages + spec.plan.finally
        guard all.contains(where: { $0.definition.buildCache == true }) else { return nil }
        let store = BuildCacheStore(state, repository: spec.cacheScope, trust: spec.trust ?? .ordinary)
        let token = (0..<4).map { _ in padded(UInt64.random(in: .min ... .max)) }.joined()
        do {
            return BuildCacheAccess(token: token, server: try await BuildCacheServer.start(store, token: token))
        } catch {
            journal.record(RunRecord(stage: nil, .note("without a build cache: \(error)")))
            return nil
        }
    }

    private static func padded(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    func close() async { await server.stop() }
}
