/// One thing that a machine offers or lacks.
struct MachineCheck: Sendable, Encodable {
    enum State: String, Sendable, Encodable {
        case ok
        /// Not there, and something follows from that.
        case missing
        /// Without it nothing runs.
        case broken
    }

    let name: String
    let state: State
    /// What was found, or why it is missing.
    let found: String
    /// What follows from what is missing.
    let consequence: String?
    /// How to get it: a command, or what to change.
    let remedy: String?

    static func ok(_ name: String, _ found: String) -> MachineCheck {
        MachineCheck(name: name, state: .ok, found: found, consequence: nil, remedy: nil)
    }

    static func missing(_ name: String, _ found: String, so consequence: String, try remedy: String?) -> MachineCheck {
        MachineCheck(name: name, state: .missing, found: found, consequence: consequence, remedy: remedy)
    }

    static func broken(_ name: String, _ found: String, so consequence: String, try remedy: String?) -> MachineCheck {
        MachineCheck(name: name, state: .broken, found: found, consequence: consequence, remedy: remedy)
    }
}

/// The document that `runner doctor --json` prints. Documented in docs/cli.md.
struct DoctorReport: Encodable {
    /// Stages can be run at all.
    let runs: Bool
    /// They are run in a sandbox.
    let sandbox: Bool
    let checks: [MachineCheck]
}
