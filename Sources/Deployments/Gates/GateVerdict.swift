package import FoundationEssentials
package import RunnerCore

/// What one gate says.
package struct GateVerdict: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case passed(String)
        /// `owner` is who must act. `next` is when it may change by itself, `until` when waiting ends.
        case waiting(String, owner: String, next: Date? = nil, until: Date? = nil)
        case refused(String)
        case overridden(by: String, reason: String)
        /// The fast track does not wait for it.
        case skipped(String)
    }

    package var gate: Protection.GateName
    package var state: State

    package init(_ gate: Protection.GateName, _ state: State) {
        self.gate = gate
        self.state = state
    }

    /// In words, without its name.
    package var words: String {
        switch state {
        case .passed(let words), .refused(let words), .skipped(let words): words
        case .waiting(let words, _, _, _): words
        case .overridden(let by, let reason): "set aside by \(by): \(reason)"
        }
    }
}

/// What all gates together say.
package enum GateDecision: Sendable, Hashable {
    case open
    /// Why in words, and when it may change by itself.
    case waits(String, next: Date?)
    case refused(String)

    package init(_ verdicts: [GateVerdict]) {
        var waiting: [String] = []
        var next: Date?
        for verdict in verdicts {
            switch verdict.state {
            case .refused(let reason):
                self = .refused("\(verdict.gate.rawValue): \(reason)")
                return
            case .waiting(let reason, _, let due, let until):
                waiting.append("\(verdict.gate.rawValue): \(reason)")
                for date in [due, until].compactMap(\.self) { next = min(next ?? date, date) }
            case .passed, .overridden, .skipped: break
            }
        }
        self = waiting.isEmpty ? .open : .waits(waiting.joined(separator: "; "), next: next)
    }
}
