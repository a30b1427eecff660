/// Why a stage that declares `reuse` was run, or was not.
package struct StageExplanation: Sendable, Hashable {
    package enum Decision: Sendable, Hashable {
        case taken(from: RunNumber, ref: String, trust: RefTrust)
        case missed
        case verified(against: RunNumber)
        case refused(RunNumber, why: String)
        case ignored
    }

    /// One thing that the key was made of.
    package struct Component: Sendable, Hashable {
        package var name: String
        /// SHA-256.
        package var digest: String
        /// As it was hashed, where it is short.
        package var value: String?

        package init(name: String, digest: String, value: String?) {
            self.name = name
            self.digest = digest
            self.value = value
        }
    }

    /// A component that was another one in the nearest earlier run.
    package struct Difference: Sendable, Hashable {
        package var component: String
        /// In words, one each: `changed: Sources/a.c`, `LANG: C -> de_DE`.
        package var details: [String]

        package init(component: String, details: [String]) {
            self.component = component
            self.details = details
        }
    }

    package var run: RunNumber
    package var stage: StageID
    /// SHA-256.
    package var key: String
    package var decision: Decision
    package var components: [Component]
    /// Of a miss: the earlier run whose key has the fewest differences.
    package var nearest: RunNumber?
    package var differences: [Difference]

    package init(
        run: RunNumber,
        stage: StageID,
        key: String,
        decision: Decision,
        components: [Component],
        nearest: RunNumber? = nil,
        differences: [Difference] = []
    ) {
        self.run = run
        self.stage = stage
        self.key = key
        self.decision = decision
        self.components = components
        self.nearest = nearest
        self.differences = differences
    }
}
