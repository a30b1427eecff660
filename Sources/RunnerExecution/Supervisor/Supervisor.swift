import CLinux
import FoundationEssentials
import Git
package import RunnerCore
package import RunnerStore
import SystemPackage

/// Owns one run on this machine: decides what starts, runs it, and writes down what happened. Lives and dies on its own;
/// whoever started it only reads the files. See RunDirectory for them.
package struct Supervisor: Sendable {
    private let directory: RunDirectory
    private let state: StateDirectory

    package init(_ directory: RunDirectory, state: StateDirectory) {
        self.directory = directory
        self.state = state
    }

    /// What the supervisor waits for.
    private enum Signal: Sendable {
        case stageEnded(StageResult)
        case command(SupervisorCommand)
    }

    /// Runs it all and returns what stands in `result.json` then. Throws where the run cannot even begin.
    package func run(secrets: [String: String]) async throws -> RunResult {
        guard let lock = try FileLock(directory.lock, wait: false) else {
            throw RunnerError(.errored, "cannot supervise run \(directory.number)", why: "another supervisor holds its lock")
        }
        defer { withExtendedLifetime(lock) {} }
        let spec = try readSpec()
        let journal = try Journal(directory.events)
        let executor = try await StageExecutor(spec, directory, state: state, secrets: secrets, journal: journal)
        let startedAt = Date()
        journal.record(RunRecord(stage: nil, .runStarted(isolation: spec.isolation, note: spec.isolationNote)))
        let (signals, continuation) = AsyncStream.makeStream(of: Signal.self)
        let watch = InboxWatch(inbox: Inbox(directory.inbox), stop: StopSignal()) { continuation.yield(.command($0)) }

        var progress = RunProgress(
            plan: spec.plan,
            slots: spec.slots,
            capacity: spec.capacity,
            runNumber: spec.number,
            hash: executor.hash
        )
        var results: [StageID: StageResult] = [:]
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await BlockingThread.run { watch.run() } }
            var iterator = signals.makeAsyncIterator()
            var stops: [StageID: StopSignal] = [:]
            while true {
                for decision in progress.next() {
                    start(decision, &progress, &results, &stops, executor, &group, journal) {
                        continuation.yield(.stageEnded($0))
                    }
                }
                if progress.isFinished { break }
                guard let signal = await iterator.next() else { break }
                take(signal, &progress, &results, &stops, journal)
            }
            watch.stop.ask(.cancel("the run has ended"))
        }
        return try finish(progress, results, spec, startedAt: startedAt, journal)
    }

    private func readSpec() throws -> RunSpec {
        guard let spec = try JSON.read(RunSpec.self, at: directory.spec) else {
            throw RunnerError(.errored, "cannot supervise run \(directory.number)", why: "\(directory.spec) is missing")
        }
        guard spec.version == RunSpec.currentVersion else {
            throw RunnerError(
                .errored,
                "cannot supervise run \(directory.number)",
                why: "its record has version \(spec.version), this runner knows \(RunSpec.currentVersion)",
                hint: "start it with the runner that wrote it"
            )
        }
        return spec
    }

    private func start(
        _ decision: Decision,
        _ progress: inout RunProgress,
        _ results: inout [StageID: StageResult],
        _ stops: inout [StageID: StopSignal],
        _ executor: StageExecutor,
        _ group: inout TaskGroup<Void>,
        _ journal: Journal,
        onEnd: @escaping @Sendable (StageResult) -> Void
    ) {
        switch decision {
        case .skip(let stage, let reason):
            settle(stage, .skipped, reason, .skipped(stage, reason), &progress, &results, journal)
        case .refuse(let stage, let reason):
            settle(stage, .errored, reason, .refused(stage, reason), &progress, &results, journal)
        case .start(let id):
            guard let context = progress.context(for: id), let planned = executor.planned(id) else { return }
            guard case .steps(let steps) = planned.definition.work else {
                let reason = executor.reasonNotToDeploy(planned)
                settle(id, .skipped, reason, .skipped(id, reason), &progress, &results, journal)
                return
            }
            apply(.started(id), &progress, journal)
            let stop = StopSignal()
            stops[id] = stop
            let needs = planned.needs.compactMap { results[$0] }
            group.addTask {
                onEnd(await executor.run(planned, steps: steps, context: context, needs: needs, stop: stop))
            }
        }
    }

    private func settle(
        _ stage: StageID,
        _ outcome: Outcome,
        _ reason: String,
        _ change: StageChange,
        _ progress: inout RunProgress,
        _ results: inout [StageID: StageResult],
        _ journal: Journal
    ) {
        let result = StageResult(stage: stage, outcome: outcome, reason: reason, startedAt: Date())
        results[stage] = result
        apply(change, &progress, journal)
        journal.record(RunRecord(stage: stage, .stageFinished(result)))
    }

    private func take(
        _ signal: Signal,
        _ progress: inout RunProgress,
        _ results: inout [StageID: StageResult],
        _ stops: inout [StageID: StopSignal],
        _ journal: Journal
    ) {
        switch signal {
        case .stageEnded(let result):
            results[result.stage] = result
            stops[result.stage] = nil
            apply(.finished(result.stage, result.outcome, outputs: result.outputs), &progress, journal)
            journal.record(RunRecord(stage: result.stage, .stageFinished(result)))
        case .command(let command):
            let reason = command == .kill ? "killed on request" : "canceled on request"
            journal.record(RunRecord(stage: nil, .cancelRequested(reason)))
            let isSecond = progress.cancelReason != nil
            apply(.cancelRequested(reason), &progress, journal)
            for (stage, stop) in stops {
                switch command {
                case .kill: stop.ask(.kill(reason))
                // A second request is for what runs now, `finally` too.
                case .cancel: if isSecond || !progress.isFinally(stage) { stop.ask(.cancel(reason)) }
                }
            }
        }
    }

    /// A change that the state machine refuses is a mistake of this file; the run goes on and the journal tells.
    private func apply(_ change: StageChange, _ progress: inout RunProgress, _ journal: Journal) {
        do {
            try progress.apply(change)
        } catch {
            journal.record(RunRecord(stage: nil, .note("internal: \(error)")))
        }
    }

    private func finish(
        _ progress: RunProgress,
        _ results: [StageID: StageResult],
        _ spec: RunSpec,
        startedAt: Date,
        _ journal: Journal
    ) throws -> RunResult {
        var own = 0
        var children = 0
        runner_peak_memory(&own, &children)
        let result = RunResult(
            number: spec.number,
            outcome: progress.outcome,
            reason: progress.cancelReason,
            startedAt: startedAt,
            seconds: Date().timeIntervalSince(startedAt),
            stages: (spec.plan.stages + spec.plan.finally).compactMap { results[$0.id] },
            peakKibibytes: own
        )
        try DiskReserve(state.reserve).protecting { try JSON.write(result, to: directory.result, durable: true) }
        journal.record(RunRecord(stage: nil, .runFinished(result.outcome)))
        return result
    }
}
