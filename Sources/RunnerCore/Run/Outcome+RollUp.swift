extension Outcome {
    /// For sentences: `timed out`, not `timed-out`.
    package var words: String { self == .timedOut ? "timed out" : rawValue }

    /// True for `failed`, `errored` and `timedOut`: what `failure()` asks for.
    package var isFailure: Bool {
        switch self {
        case .failed, .errored, .timedOut: true
        case .succeeded, .canceled, .skipped, .superseded: false
        }
    }

    /// The outcome of a run, from those of its stages.
    ///
    /// A run whose cancel was requested is `canceled`, as that is what was asked for. Else the first of these that any
    /// stage has: `errored`, as then nobody knows what the code would have done, and the runner's owner must act;
    /// `timedOut`, which may be either's fault; `failed`; `canceled`; `superseded`; `succeeded`. Where nothing ran, the
    /// run is `skipped`. A stage of `finally` makes the run worse, never better.
    package static func rollUp(
        stages: some Sequence<Outcome>,
        finally: some Sequence<Outcome> = EmptyCollection(),
        isCancelRequested: Bool = false
    ) -> Outcome {
        if isCancelRequested { return .canceled }
        let main = stages.max { $0.weight < $1.weight } ?? .skipped
        let last = finally.max { $0.weight < $1.weight } ?? .skipped
        return last.weight > Outcome.succeeded.weight && last.weight > main.weight ? last : main
    }

    private var weight: Int {
        switch self {
        case .skipped: 0
        case .succeeded: 1
        case .superseded: 2
        case .canceled: 3
        case .failed: 4
        case .timedOut: 5
        case .errored: 6
        }
    }
}

extension Retry {
    /// Whether a stage is tried again after its attempt (counted from 1) ended so. Only what ended by itself is.
    package func triesAgain(after outcome: Outcome, attempt: Int) -> Bool {
        switch outcome {
        case .failed, .errored, .timedOut: attempt < attempts && outcomes.contains(outcome)
        case .succeeded, .canceled, .skipped, .superseded: false
        }
    }
}
