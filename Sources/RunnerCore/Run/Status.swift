/// Where a run or a stage run is in its life.
package enum Status: Sendable, Hashable, Codable {
    /// Its needs have not ended, or there is no slot for it.
    case pending
    /// Something outside the run holds it, as a gate; the reason in words.
    case waiting(String)
    case running
    case finished(Outcome)

    /// The next status, if the change is a legal one:
    ///
    /// | from | to |
    /// |---|---|
    /// | pending, waiting | waiting, running |
    /// | pending, waiting | finished without having run: skipped, canceled, superseded, errored |
    /// | running | finished, but not skipped or superseded |
    /// | finished | nothing |
    package func apply(_ next: Status, to stage: StageID) throws(TransitionError) -> Status {
        guard allows(next) else { throw .illegal(stage, from: self, to: next) }
        return next
    }

    /// As `apply`, for a stage that ends as it did in an earlier run: legal from pending and waiting, to any outcome.
    package func take(_ outcome: Outcome, for stage: StageID) throws(TransitionError) -> Status {
        switch self {
        case .pending, .waiting: return .finished(outcome)
        case .running, .finished: throw .illegal(stage, from: self, to: .finished(outcome))
        }
    }

    /// As for a stage. A run may also run and turn out to be skipped, when each of its stages was, and fail before it begins,
    /// when its pipeline's file has errors.
    package func apply(_ next: Status, to run: RunNumber) throws(TransitionError) -> Status {
        let isAllSkipped = self == .running && next == .finished(.skipped)
        let isRefused = self == .pending && next == .finished(.failed)
        guard isAllSkipped || isRefused || allows(next) else { throw .illegalForRun(run, from: self, to: next) }
        return next
    }

    private func allows(_ next: Status) -> Bool {
        switch (self, next) {
        case (.pending, .waiting), (.waiting, .waiting), (.pending, .running), (.waiting, .running): true
        case (.pending, .finished(let outcome)), (.waiting, .finished(let outcome)): outcome.endsWithoutRunning
        case (.running, .finished(let outcome)): outcome.endsARun
        case (.pending, .pending), (.waiting, .pending), (.running, .pending), (.running, .waiting),
            (.running, .running), (.finished, .pending), (.finished, .waiting), (.finished, .running),
            (.finished, .finished):
            false
        }
    }

    package var isFinished: Bool {
        switch self {
        case .finished: true
        case .pending, .waiting, .running: false
        }
    }
}

extension Status: CustomStringConvertible {
    /// As `running` or `finished (timed out)`.
    package var description: String {
        switch self {
        case .pending: "pending"
        case .waiting(let reason): "waiting (\(reason))"
        case .running: "running"
        case .finished(let outcome): "finished (\(outcome.words))"
        }
    }
}

/// A change that a run cannot take: the caller's mistake.
package enum TransitionError: Error, Sendable, Hashable {
    case illegal(StageID, from: Status, to: Status)
    case illegalForRun(RunNumber, from: Status, to: Status)
    /// `next()` has not said that it may start.
    case notReady(StageID)
    case unknownStage(StageID)
}

extension TransitionError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .illegal(let stage, let from, let to): "stage `\(stage)` is \(from) and cannot become \(to)"
        case .illegalForRun(let run, let from, let to): "run \(run) is \(from) and cannot become \(to)"
        case .notReady(let stage): "stage `\(stage)` is pending and cannot become running: its needs have not ended"
        case .unknownStage(let stage): "the plan has no stage `\(stage)`"
        }
    }
}

extension Outcome {
    /// Whether what never ran may end so.
    package var endsWithoutRunning: Bool {
        switch self {
        case .skipped, .canceled, .superseded, .errored: true
        case .succeeded, .failed, .timedOut: false
        }
    }

    fileprivate var endsARun: Bool {
        switch self {
        case .succeeded, .failed, .errored, .canceled, .timedOut: true
        case .skipped, .superseded: false
        }
    }
}
