import RunnerCore

/// What `/api/v1/query` says: https://prometheus.io/docs/prometheus/latest/querying/api.
enum PrometheusAnswer {
    /// Of several series the worst one for the bound counts. One without a number leaves it open, unless another is
    /// bad.
    static func reading(_ answer: WatchJSON, _ bound: WatchRule.Bound) -> WatchReading {
        guard answer["status"]?.text == "success" else { return .failed(problem(answer) ?? "no answer of Prometheus") }
        let kind = answer.at("data.resultType")?.text ?? "nothing"
        switch (kind, answer.at("data.result")) {
        case ("scalar", .some(let sample)): return reading([sample["1"]], bound)
        case ("vector", .list(let series)): return reading(series.map { $0.at("value.1") }, bound)
        default: return .failed("the query gives a \(kind), not a vector or a scalar")
        }
    }

    /// What it said of a query that it refused.
    static func problem(_ answer: WatchJSON) -> String? {
        answer["error"]?.text.map { String($0.filter { !$0.isNewline }.prefix(200)) }
    }

    private static func reading(_ samples: [WatchJSON?], _ bound: WatchRule.Bound) -> WatchReading {
        let numbers = samples.map { $0?.number ?? .nan }
        let known = numbers.filter { !$0.isNaN }
        guard !numbers.isEmpty else { return .noData("the query finds no series") }
        guard let worst = bound.worst(of: known) else { return .noData("NaN") }
        if known.count < numbers.count, !bound.isBeyond(worst) {
            return .noData("\(numbers.count - known.count) of \(numbers.count) series are NaN")
        }
        return .value(worst)
    }
}
