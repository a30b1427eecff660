import RunnerAPI
import RunnerCore

/// Shows a deployment of a server until it ends.
struct DeploymentShowing {
    private let daemon: DaemonOptions

    /// Between two looks.
    private static let interval = Duration.milliseconds(300)

    init(_ daemon: DaemonOptions) { self.daemon = daemon }

    /// Returns where it went live; else ends the command as the deployment ended. One that waits for a person half-way is
    /// an end, too: nothing happens by itself then.
    func follow(_ id: Int64) async throws {
        var after: Int64 = 0
        let paint = Paint.ofOutput
        while true {
            let (deployment, events) = try await daemon.reach.call { [after] client in
                // In this order: what happened before the end is shown before the end is.
                let deployment = try await client.deployment(id)
                return (deployment, try await client.events(ofDeployment: id, after: after))
            }
            for event in events.items {
                after = event.id
                guard !daemon.json else { continue }
                let mark = event.kind == "step" ? ">" : event.kind
                Console.result("\(paint.dim(mark.forTerminal)) \(event.text.forTerminal)")
            }
            guard deployment.status == .finished || deployment.status == .paused, events.items.isEmpty else {
                try await Task.sleep(for: Self.interval)
                continue
            }
            return try end(deployment)
        }
    }

    private func end(_ deployment: DeploymentView) throws {
        if daemon.json { try Console.document(deployment) }
        guard deployment.status == .finished else {
            Console.error("deployment \(deployment.id) waits for a person: \(deployment.reason ?? "")".forTerminal)
            Console.error(
                "go on: runner deployment continue \(deployment.id); back: runner deployment cancel \(deployment.id)"
            )
            throw CommandEnd(code: .errored)
        }
        let outcome = deployment.outcome ?? .errored
        let isDrill = deployment.kind == "drill"
        let words =
            outcome == .succeeded
            ? (isDrill ? "could come back to" : "is live in")
            : (isDrill ? "could not come back to" : "did not stay in")
        if !daemon.json {
            Console.result("\(deployment.release.version) \(words) \(deployment.environment)".forTerminal)
        }
        if let reason = deployment.reason, outcome != .succeeded { Console.error("why: \(reason)".forTerminal) }
        let code = ExitCode(outcome)
        if code != .succeeded { throw CommandEnd(code: code) }
    }
}
