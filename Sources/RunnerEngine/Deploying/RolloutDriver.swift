import Deployments
import FoundationEssentials
import Logging
import RunnerCore
import RunnerExecution
import RunnerStore
import Synchronization

/// Drives one rollout to its end, and writes each state down before the next step begins. Whoever comes after a daemon that
/// died goes on from there.
struct RolloutDriver: Sendable {
    let database: RunnerDatabase
    let deployment: DeploymentRow
    let performer: StepPerformer
    let interruption: RolloutInterruption
    let logger: Logger

    /// Why it stopped.
    enum End: Sendable {
        case ended
        /// A person is to say how it goes on.
        case paused
        /// The daemon ends: the next one goes on.
        case leftOff
    }

    func run(_ start: Rollout) async throws -> End {
        var rollout = start
        // Taken back before anything was changed: there is nothing to do but to say so.
        if rollout.hasEnded { try await save(rollout, event: ("back", "nothing was changed yet")) }
        while let step = rollout.step {
            try await database.note(step.description, kind: "step", of: deployment.id)
            let change = await perform(step, rollout)
            guard let change else { return .leftOff }
            rollout.apply(change)
            try await save(rollout, after: change, step)
            if rollout.hasEnded { return .ended }
        }
        return rollout.hasEnded ? .ended : .paused
    }

    /// `nil` where the daemon ends: what was begun comes again.
    private func perform(_ step: RolloutStep, _ rollout: Rollout) async -> Rollout.Change? {
        let isForward = rollout.phase == .forward
        if isForward, let reason = interruption.reason { return .goBack(reason) }
        let work = Task { try await performer.perform(step, fleet: rollout.fleet) }
        // What goes back is not interrupted again.
        if isForward { interruption.watch(work) }
        let result = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
        interruption.watch(nil)
        if Task.isCancelled { return nil }
        switch result {
        case .success(.done): return .done
        case .success(.unknown(let words)): return .unknown(words)
        case .failure(let error):
            if isForward, let reason = interruption.reason { return .goBack(reason) }
            return .failed(Self.words(error, doing: step))
        }
    }

    private func save(_ rollout: Rollout, after change: Rollout.Change, _ step: RolloutStep) async throws {
        logger.info("rollout went on", metadata: ["deployment": "\(deployment.id)", "step": "\(step)"])
        let event: (kind: String, text: String)
        switch change {
        case .done: event = ("done", step.description)
        case .failed(let reason): event = ("failed", reason)
        case .unknown(let reason): event = ("unknown", reason)
        case .goOn: event = ("continued", step.description)
        case .goBack(let reason): event = ("back", reason)
        case .crashed: event = ("resumed", step.description)
        }
        try await save(rollout, event: event)
    }

    private func save(_ rollout: Rollout, event: (kind: String, text: String)) async throws {
        let text = try String(decoding: JSON.encode(rollout), as: UTF8.self)
        let places = try rollout.fleet.places.map { try PlaceRow($0, retireAt: nil) }
        switch rollout.phase {
        case .forward, .back:
            let reason = if case .back(let why) = rollout.phase { "going back: \(why)" } else { String?.none }
            try await database.save(
                deployment.id,
                status: .running,
                rollout: text,
                places: places,
                reason: reason,
                event: event
            )
        case .paused(let reason):
            try await pause(text, places, "nobody can say whether it is good: \(reason)", event)
        case .stuck(let reason, let problem):
            try await pause(text, places, "it went back (\(reason)), and that did not work: \(problem)", event)
        case .live: try await finish(.succeeded, nil, text, rollout, event)
        case .takenBack(let reason):
            let isCanceled = interruption.reason == reason
            try await finish(isCanceled ? .canceled : .failed, reason, text, rollout, event)
        }
    }

    private func pause(
        _ text: String,
        _ places: [PlaceRow],
        _ reason: String,
        _ event: (kind: String, text: String)
    ) async throws {
        try await database.save(
            deployment.id,
            status: .paused,
            rollout: text,
            places: places,
            reason: reason,
            event: event
        )
        logger.error(
            "a deployment waits for a person",
            metadata: ["deployment": "\(deployment.id)", "reason": "\(reason)"]
        )
    }

    private func finish(
        _ outcome: Outcome,
        _ reason: String?,
        _ text: String,
        _ rollout: Rollout,
        _ event: (kind: String, text: String)
    ) async throws {
        try await database.note(event.text, kind: event.kind, of: deployment.id)
        let keep = performer.environment.strategy.keep
        let places = try rollout.fleet.places.map { place in
            // What ran before, in the other slot, goes on for a while: going back is one switch then.
            let isIdle = place.instance.slot != nil && place.version != nil && place.weight == 0
            return try PlaceRow(place, retireAt: isIdle ? Date().addingTimeInterval(keep.seconds) : nil)
        }
        try await database.finish(
            deployment.id,
            outcome,
            reason: reason,
            isLive: outcome == .succeeded && deployment.kind != .drill,
            rollout: text,
            places: places
        )
    }

    static func words(_ error: any Error, doing step: RolloutStep) -> String {
        if let failure = error as? DeployFailure {
            return failure.why.map { "\(failure.what): \($0)" } ?? failure.what
        }
        return "cannot \(step): \(error)"
    }
}

extension RolloutStrategy {
    /// How long the slots of before go on.
    var keep: Duration {
        switch self {
        case .blueGreen(let keep): keep
        case .allAtOnce, .rolling, .canary: .seconds(600)
        }
    }
}

extension PlaceRow {
    init(_ place: Fleet.Place, retireAt: Date?) throws {
        self.init(
            target: place.instance.target,
            slot: place.instance.slot?.rawValue ?? "",
            place: String(decoding: try JSON.encode(place), as: UTF8.self),
            retireAt: retireAt
        )
    }
}

/// A person's word that a rollout is to go back: it ends the step that is under way.
final class RolloutInterruption: Sendable {
    private struct State {
        var reason: String?
        var work: Task<StepPerformer.End, any Error>?
    }

    private let state = Mutex(State())

    var reason: String? { state.withLock(\.reason) }

    func interrupt(_ reason: String) {
        let work = state.withLock { state in
            state.reason = state.reason ?? reason
            return state.work
        }
        work?.cancel()
    }

    /// What an interruption ends from now on; at once, where it came before.
    func watch(_ work: Task<StepPerformer.End, any Error>?) {
        let isInterrupted = state.withLock { state in
            state.work = work
            return state.reason != nil
        }
        if isInterrupted { work?.cancel() }
    }
}
