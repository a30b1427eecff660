package import RunnerCore

/// A rollout at one point of its way: a pure value that is written down after each change. Whoever dies, the next one reads
/// it and goes on.
///
/// | is | happens | becomes |
/// |---|---|---|
/// | forward | step done | forward at the next step; live after the last |
/// | forward | step failed, or a person says back | back, by the way back from what was begun |
/// | forward | no answer that counts (unknown) | paused |
/// | paused | a person says on | forward, that step again |
/// | paused | a person says back | back |
/// | back | step done | back at the next step; taken back after the last |
/// | back | step failed | stuck: a person is called, nothing is tried again by itself |
/// | stuck | a person says on | back, that step again |
/// | any of them | the daemon died | forward and back: that step again; or back, where the environment says so |
package struct Rollout: Sendable, Hashable, Codable {
    package enum Phase: Sendable, Hashable, Codable {
        case forward
        case paused(String)
        /// Why.
        case back(String)
        /// Why it went back, and why that did not work.
        case stuck(String, problem: String)
        case live
        case takenBack(String)
    }

    package enum Change: Sendable, Hashable {
        case done
        case failed(String)
        case unknown(String)
        case goOn
        case goBack(String)
        case crashed(DeployEnvironment.CrashPolicy)
    }

    /// Of the way that it is on.
    package private(set) var program: [RolloutStep]
    /// The step that is next, or under way.
    package private(set) var position = 0
    package private(set) var phase = Phase.forward
    /// How things were.
    package let before: Fleet
    /// How they are, as far as steps have ended.
    package private(set) var fleet: Fleet
    package let version: String
    /// Its row.
    package let release: Int64?
    package let isChecked: Bool
    /// Whether the way back takes migrations back; otherwise it leaves them.
    package var takesMigrationsBack: Bool

    package init(
        _ program: [RolloutStep],
        fleet: Fleet,
        version: String,
        release: Int64? = nil,
        isChecked: Bool,
        takesMigrationsBack: Bool
    ) {
        self.program = program
        before = fleet
        self.fleet = fleet
        self.version = version
        self.release = release
        self.isChecked = isChecked
        self.takesMigrationsBack = takesMigrationsBack
        if program.isEmpty { phase = .live }
    }

    /// What to do now; `nil` where it waits for a person, or has ended.
    package var step: RolloutStep? {
        switch phase {
        case .forward, .back: program[position]
        case .paused, .stuck, .live, .takenBack: nil
        }
    }

    package var hasEnded: Bool {
        switch phase {
        case .live, .takenBack: true
        case .forward, .paused, .back, .stuck: false
        }
    }

    /// False where the phase has no such change; then nothing has changed.
    @discardableResult package mutating func apply(_ change: Change) -> Bool {
        switch (phase, change) {
        case (.forward, .done): advance(to: .live)
        case (.forward, .failed(let reason)), (.forward, .goBack(let reason)), (.paused, .goBack(let reason)):
            turnBack(reason)
        case (.forward, .unknown(let reason)): phase = .paused(reason)
        case (.paused, .goOn): phase = .forward
        case (.back(let reason), .done): advance(to: .takenBack(reason))
        case (.back(let reason), .failed(let problem)), (.back(let reason), .unknown(let problem)):
            phase = .stuck(reason, problem: problem)
        case (.stuck(let reason, _), .goOn), (.stuck(let reason, _), .goBack): phase = .back(reason)
        case (.forward, .crashed(.rollBack)): turnBack("the daemon ended while the rollout was under way")
        case (.forward, .crashed(.resume)), (.back, .crashed), (.paused, .crashed), (.stuck, .crashed): break
        case (.forward, .goOn), (.paused, .done), (.paused, .failed), (.paused, .unknown), (.back, .goOn),
            (.back, .goBack), (.stuck, .done), (.stuck, .failed), (.stuck, .unknown), (.live, _), (.takenBack, _):
            return false
        }
        return true
    }

    private mutating func advance(to end: Phase) {
        fleet.apply(program[position], version: version, release: release)
        position += 1
        if position == program.count { phase = end }
    }

    private mutating func turnBack(_ reason: String) {
        program = RolloutProgram.back(
            from: program,
            begun: position,
            before: before,
            isChecked: isChecked,
            takesMigrationsBack: takesMigrationsBack
        )
        position = 0
        phase = program.isEmpty ? .takenBack(reason) : .back(reason)
    }
}
