package import RunnerCore

/// Why a stage was run, or was not.
package struct StageExplanationView: Sendable, Hashable, Codable {
    package enum Decision: String, Sendable, Hashable, Codable, CaseIterable {
        case taken, missed, verified, refused, ignored
    }

    package struct Component: Sendable, Hashable, Codable {
        package var name: String
        package var digest: String
        package var value: String?
    }

    package struct Difference: Sendable, Hashable, Codable {
        package var component: String
        package var details: [String]
    }

    package var run: Int
    package var stage: String
    package var key: String
    package var decision: Decision
    /// The run that was taken from, compared with or refused; of a miss the nearest.
    package var other: Int?
    /// The other run's ref.
    package var ref: String?
    package var trust: RefTrust?
    package var reason: String?
    package var components: [Component]
    package var differences: [Difference]

    package init(_ explanation: StageExplanation) {
        run = explanation.run.value
        stage = explanation.stage.description
        key = explanation.key
        switch explanation.decision {
        case .taken(let run, let ref, let trust):
            (decision, other, self.ref, self.trust) = (.taken, run.value, ref, trust)
        case .missed: (decision, other) = (.missed, explanation.nearest?.value)
        case .verified(let run): (decision, other) = (.verified, run.value)
        case .refused(let run, let why): (decision, other, reason) = (.refused, run.value, why)
        case .ignored: decision = .ignored
        }
        components = explanation.components.map { Component(name: $0.name, digest: $0.digest, value: $0.value) }
        differences = explanation.differences.map { Difference(component: $0.component, details: $0.details) }
    }
}
