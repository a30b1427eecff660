/// What is measured, for people who read `/metrics`. What is not listed is shown all the same, under its own name.
enum MetricCatalog {
    static let help: [String: String] = [
        "runner_runs_total": "Runs that have ended.",
        "runner_queue_seconds": "From the making of a run to its start.",
        "runner_run_seconds": "From the start of a run to its end.",
        "runner_stage_seconds": "From the start of a stage to its end.",
        "runner_fetches_total": "Looks at repositories, by result.",
        "runner_http_requests_total": "Requests that were answered.",
    ]

    /// In seconds: from what a fast stage takes to what a slow run takes.
    static let buckets: [Double] = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 14_400]
}
