import RunnerCore
import RunnerStore

/// The document that `runner local --json` prints. Documented in docs/cli.md.
struct LocalReport: Encodable {
    struct Run: Encodable {
        let number: Int
        let pipeline: String
        let outcome: Outcome
        let seconds: Double
        let directory: String
        let isolation: Isolation
        let peakKibibytes: Int
        let phases: [String: Double]
    }

    struct Stage: Encodable {
        let name: String
        let pipeline: String
        let outcome: Outcome
        let reason: String?
        let reused: Bool
        let seconds: Double
        let attempt: Int
        /// Log files of its steps, in order.
        let log: [String]
        let artifacts: [ArtifactReference]
        let outputs: [String: String]
        let phases: [String: Double]
    }

    let outcome: Outcome
    /// The one pipeline that ran; `null` when there were several or none.
    let pipeline: String?
    let commit: String?
    let tree: String
    let stages: [Stage]
    let runs: [Run]
    /// What is otherwise than in the server's run that was run again; `null` where there was none.
    let differences: [String]?
}
