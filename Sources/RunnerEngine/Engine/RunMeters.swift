import FoundationEssentials
import Metrics
import RunnerCore
import RunnerStore

/// What the engine counts, by the names that `/metrics` documents.
enum RunMeters {
    static func began(_ row: RunRow) {
        let waited = Date().timeIntervalSince(row.createdAt)
        Metrics.Timer(label: "runner_queue_seconds").recordSeconds(max(0, waited))
    }

    static func ended(_ row: RunRow) {
        guard let outcome = row.outcome else { return }
        let dimensions = [
            ("repository", row.repository), ("pipeline", row.pipeline), ("outcome", outcome.rawValue),
        ]
        Counter(label: "runner_runs_total", dimensions: dimensions).increment()
        guard let start = row.startedAt, let end = row.finishedAt else { return }
        Metrics.Timer(label: "runner_run_seconds").recordSeconds(max(0, end.timeIntervalSince(start)))
    }

    static func ended(_ result: StageResult) {
        guard result.reusedFrom == nil, result.outcome != .skipped else { return }
        Metrics.Timer(label: "runner_stage_seconds").recordSeconds(max(0, result.seconds))
    }

    static func looked(hasSucceeded: Bool) {
        Counter(label: "runner_fetches_total", dimensions: [("result", hasSucceeded ? "succeeded" : "failed")])
            .increment()
    }
}
