import FoundationEssentials
import Logging
import RunnerEngine

/// What all endpoints share.
struct Site: Sendable {
    let engine: any EngineControl
    let version: String
    let files: FileHub
    let metrics: PrometheusMetrics
    let logger: Logger
}
