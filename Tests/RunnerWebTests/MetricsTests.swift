import Metrics
import RunnerCore
import Testing

@testable import RunnerWeb

@Suite struct MetricsTests {
    @Test func `what is counted is shown, with labels escaped`() {
        let metrics = PrometheusMetrics()
        let labels = [("repository", "we\"b\\\n"), ("outcome", "failed")]
        metrics.makeCounter(label: "runner_runs_total", dimensions: labels).increment(by: 2)
        metrics.makeCounter(label: "runner_runs_total", dimensions: labels).increment(by: 1)
        metrics.makeRecorder(label: "odd name", dimensions: [], aggregate: false).record(1.5)
        metrics.makeTimer(label: "runner_run_seconds", dimensions: []).recordNanoseconds(2_000_000_000)
        // Of another kind under a known name: it hurts nobody.
        metrics.makeTimer(label: "runner_runs_total", dimensions: []).recordNanoseconds(1)
        let text = metrics.text(with: [GaugeReading("runner_slots", "Slots.", 4)])
        #expect(text.contains(##"runner_runs_total{repository="we\"b\\\n",outcome="failed"} 3"##))
        #expect(text.contains("# TYPE odd_name gauge\nodd_name 1.5\n"))
        #expect(text.contains("runner_run_seconds_bucket{le=\"1\"} 0\nrunner_run_seconds_bucket{le=\"5\"} 1\n"))
        #expect(text.contains("runner_run_seconds_bucket{le=\"+Inf\"} 1\nrunner_run_seconds_sum 2\n"))
        #expect(text.contains("# HELP runner_slots Slots.\n# TYPE runner_slots gauge\nrunner_slots 4\n"))
    }

    @Test func `a label with many values does not fill the memory`() {
        let metrics = PrometheusMetrics()
        for index in 0..<5000 {
            metrics.makeCounter(label: "c_total", dimensions: [("ref", "\(index)")]).increment(by: 1)
        }
        let text = metrics.text(with: [])
        #expect(text.split(separator: "\n").count == 1003)
        #expect(text.contains("c_total{ref=\"other\"} 4000"))
    }

    @Test(.enabled(if: Tool.path("promtool") != nil, "promtool is not installed: `scripts/setup test`"))
    func `promtool finds nothing wrong`() async throws {
        try await TestSite.run { site in
            let dimensions = [("repository", "web"), ("pipeline", "c\"i"), ("outcome", "succeeded")]
            site.metrics.makeCounter(label: "runner_runs_total", dimensions: dimensions).increment(by: 1)
            for name in ["runner_queue_seconds", "runner_stage_seconds", "runner_run_seconds"] {
                site.metrics.makeTimer(label: name, dimensions: []).recordNanoseconds(1_000_000)
            }
            site.metrics.makeCounter(label: "runner_fetches_total", dimensions: [("result", "ok")]).increment(by: 1)
            let token = try await site.token(.viewer)
            _ = try await site.ask("GET", "/live")
            let answer = try await site.ask("GET", "/metrics", token: token)
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text.contains("runner_http_requests_total{method=\"GET\",status=\"200\"}"))
            #expect(answer.text.contains("process_resident_memory_bytes"))
            let promtool = try require(Tool.path("promtool"))
            let result = try await Tool.run(promtool, ["check", "metrics"], input: answer.text)
            #expect(result.status == 0, "\(result.text)")
            #expect(result.text == "")
        }
    }
}
