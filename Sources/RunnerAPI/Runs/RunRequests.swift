package import RunnerCore

/// A run that a person asks for.
package struct RunRequestBody: Sendable, Hashable, Codable {
    package var pipeline: String
    /// May be left out where one repository is watched.
    package var repository: String?
    /// A branch, a tag, a full ref name or a commit; without it, the branch that `HEAD` names.
    package var ref: String?
    package var inputs: [String: String]?
    /// Only these and what they need.
    package var stages: [String]?
    /// False: stages with `reuse` run all the same.
    package var reuses: Bool?

    package init(
        pipeline: String,
        repository: String? = nil,
        ref: String? = nil,
        inputs: [String: String]? = nil,
        stages: [String]? = nil,
        reuses: Bool? = nil
    ) {
        self.pipeline = pipeline
        self.repository = repository
        self.ref = ref
        self.inputs = inputs
        self.stages = stages
        self.reuses = reuses
    }
}

/// What of an earlier run is run again; without either key, all of it.
package struct RerunBody: Sendable, Hashable, Codable {
    /// What did not succeed and what comes after; the rest is taken over by digest.
    package var fromFailed: Bool?
    /// One stage; what it needs is taken over.
    package var stage: String?

    package init(fromFailed: Bool? = nil, stage: String? = nil) {
        self.fromFailed = fromFailed
        self.stage = stage
    }
}

/// A request to end a run.
package struct CancelBody: Sendable, Hashable, Codable {
    package var reason: String?

    package init(reason: String? = nil) {
        self.reason = reason
    }
}

/// The number of a run that was made.
package struct RunCreated: Sendable, Hashable, Codable {
    package var number: Int

    package init(number: Int) {
        self.number = number
    }
}

/// What became of a request to cancel.
package struct CancelAnswerView: Sendable, Hashable, Codable {
    package var run: Int
    package var answer: Answer
    /// How it had ended before.
    package var outcome: Outcome?

    package init(run: Int, answer: Answer, outcome: Outcome? = nil) {
        self.run = run
        self.answer = answer
        self.outcome = outcome
    }

    package enum Answer: String, Sendable, Hashable, Codable, CaseIterable {
        /// It had not begun, and has ended now.
        case ended
        /// Its supervisor was told.
        case asked
        case hadEnded = "had-ended"
    }
}
