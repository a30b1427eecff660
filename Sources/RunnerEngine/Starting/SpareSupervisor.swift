import RunnerStore
import Synchronization

/// One supervisor that is started ahead, so that a run begins without waiting for a process to load.
final class SpareSupervisor: Sendable {
    private struct Spare {
        var standby: StandbySupervisor?
        var madeAt = ContinuousClock.now
        var isMaking = false
        var isClosed = false
    }

    private let state: StateDirectory
    private let isolation: Isolation
    private let spare = Mutex(Spare())

    /// It sees the machine's mounts as they were when it was started: an older one is made anew.
    private static let longest = Duration.seconds(600)
    /// The run that has just begun comes first.
    private static let pause = Duration.milliseconds(30)

    init(state: StateDirectory, isolation: Isolation) {
        self.state = state
        self.isolation = isolation
    }

    deinit { close() }

    /// Starts a run, with the spare where there is one; and makes the next.
    func start(_ run: RunDirectory, secrets: [String: String]) throws -> SupervisorProcess {
        defer { refill() }
        let ready = spare.withLock { spare -> StandbySupervisor? in
            defer { spare.standby = nil }
            return spare.madeAt.duration(to: .now) < Self.longest ? spare.standby : nil
        }
        if let ready { return try ready.start(run, secrets: secrets) }
        return try SupervisorProcess(run, state: state, isolation: isolation, secrets: secrets)
    }

    /// Makes a spare where there is none, or none that is young enough: not at once, and on no thread that others wait for.
    func refill() {
        let isNeeded = spare.withLock { spare in
            let isFresh = spare.standby != nil && spare.madeAt.duration(to: .now) < Self.longest
            guard !isFresh, !spare.isMaking, !spare.isClosed else { return false }
            spare.isMaking = true
            return true
        }
        guard isNeeded else { return }
        // Ends by itself within moments; there is nothing to cancel.
        Task { [self] in
            try? await Task.sleep(for: Self.pause)
            // Without a spare a run begins a little later.
            let made = try? SupervisorProcess.standby(state: state, isolation: isolation)
            let old = spare.withLock { spare -> StandbySupervisor? in
                spare.isMaking = false
                guard !spare.isClosed else { return made }
                defer { (spare.standby, spare.madeAt) = (made, .now) }
                return spare.standby
            }
            old?.end()
        }
    }

    /// Ends the spare: its starter is about to end or to become another program.
    func close() {
        let old = spare.withLock { spare -> StandbySupervisor? in
            defer { spare.standby = nil }
            spare.isClosed = true
            return spare.standby
        }
        old?.end()
    }
}
