/// How a run, a stage run or a step run ended.
package enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
    case succeeded
    /// The command said no.
    case failed
    /// The runner could not do its part; says nothing about the code under test.
    case errored
    case canceled
    case timedOut = "timed-out"
    case skipped
    /// A newer run took its place.
    case superseded
}

/// The exit codes of every command. Documented in docs/cli.md.
package enum ExitCode: Int32, Sendable, CaseIterable {
    case succeeded = 0
    case failed = 1
    case badInput = 2
    case errored = 3
    case canceled = 4
    case timedOut = 5

    /// The code of a run that ended so. Skipped and superseded runs are no failures.
    package init(_ outcome: Outcome) {
        self =
            switch outcome {
            case .succeeded, .skipped, .superseded: .succeeded
            case .failed: .failed
            case .errored: .errored
            case .canceled: .canceled
            case .timedOut: .timedOut
            }
    }
}
