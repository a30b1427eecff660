import HTTPTypes
import Hummingbird
import Logging
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// Whether the daemon is well, for those who watch it.
enum HealthEndpoints {
    static let all: [Endpoint] = [health, ready, live, metrics]

    private static let health = Endpoint(
        name: "health",
        method: .get,
        path: RoutePath("/health"),
        summary: "Whether the daemon can do its work. Details are for viewers.",
        access: .open,
        status: .ok,
        answers: [Endpoint.Content(type: "application/json", shape: HealthView.self, summary: "It can.")],
        others: [
            (
                .serviceUnavailable,
                Endpoint.Content(type: "application/json", shape: HealthView.self, summary: "It cannot.")
            )
        ]
    ) { call in
        var view = await HealthCheck(site: call.site).view()
        if !call.caller.may(.role(.viewer)) { view.details = [:] }
        return try Response.json(view, status: view.status == .unhealthy ? .serviceUnavailable : .ok)
    }

    private static let ready = Endpoint(
        name: "ready",
        method: .get,
        path: RoutePath("/ready"),
        summary: "Whether it takes work: not while it drains.",
        access: .open,
        status: .ok,
        answers: [Endpoint.Content(type: "text/plain; charset=utf-8", shape: nil, summary: "It does.")]
    ) { call in
        let status = try await call.site.engine.status()
        guard !status.isDraining else { throw Problem(.serviceUnavailable, "takes no work", why: "it drains") }
        return .text("ready\n", type: "text/plain; charset=utf-8")
    }

    private static let live = Endpoint(
        name: "live",
        method: .get,
        path: RoutePath("/live"),
        summary: "Whether it answers at all.",
        access: .open,
        status: .ok,
        answers: [Endpoint.Content(type: "text/plain; charset=utf-8", shape: nil, summary: "It does.")]
    ) { _ in .text("live\n", type: "text/plain; charset=utf-8") }

    private static let metrics = Endpoint(
        name: "metrics",
        method: .get,
        path: RoutePath("/metrics"),
        summary: "Numbers for Prometheus.",
        access: .role(.viewer),
        status: .ok,
        answers: [
            Endpoint.Content(
                type: "text/plain; version=0.0.4; charset=utf-8",
                shape: nil,
                summary: "Prometheus text 0.0.4."
            )
        ]
    ) { call in
        let status = try await call.site.engine.status()
        let gauges = ProcessGauges.read() + EngineGauges.of(status)
        return .text(call.site.metrics.text(with: gauges), type: "text/plain; version=0.0.4; charset=utf-8")
    }
}

/// What `/health` says.
struct HealthCheck {
    let site: Site

    func view() async -> HealthView {
        var view = HealthView(
            status: .healthy,
            version: site.version,
            database: "connected",
            cache: FileSystem.isDirectory(site.engine.state.layers) ? "connected" : "its directory is not there",
            details: [:]
        )
        do {
            _ = try await site.engine.database.newestChange()
        } catch {
            site.logger.error("the database does not answer", metadata: ["error": "\(error)"])
            view.database = "does not answer"
        }
        do {
            add(try await site.engine.status(), to: &view)
        } catch {
            view.details["engine"] = "does not answer"
        }
        if view.database != "connected" || view.cache != "connected" || view.details["engine"] != nil {
            view.status = .unhealthy
        }
        return view
    }

    private func add(_ status: EngineStatus, to view: inout HealthView) {
        view.details["disk"] = status.diskProblem ?? "\(status.freeBytes) bytes free"
        view.details["runs"] = "\(status.running) running, \(status.pending) pending, \(status.waiting) waiting"
        view.details["draining"] = status.isDraining ? "yes" : "no"
        view.details["repositories"] = "\(status.repositories), \(status.problems) of them with problems"
        if status.diskProblem != nil || status.problems > 0 { view.status = .degraded }
    }
}
