import CLinux
import FoundationEssentials
import Git
import RunnerCore
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

    /// Runs it all and returns what stands in `result.json` then. Throws where the run cannot even begin.
    package func run(secrets: [String: String]) async throws -> RunResult {
        let lock = try await takeLock()
        defer { withExtendedLifetime(lock) {} }
        // Where the kernel refuses, only a killed guard leaves something behind.
        _ = runner_adopt_orphans()
        let spec = try readSpec()
        let journal = try Journal(directory.events)
        let executor = try await executor(spec, secrets, journal)
        let sharing = executor.sharing
        let startedAt = Date()
        journal.record(RunRecord(stage: nil, .runStarted(isolation: spec.isolation, note: spec.isolationNote)))
        let (signals, continuation) = AsyncStream.makeStream(of: Conductor.Signal.self)
        let watch = InboxWatch(inbox: Inbox(directory.inbox), stop: StopSignal()) { continuation.yield(.command($0)) }
        var conductor = Conductor(spec, executor, journal)
        conductor.take(await BlockingThread.run { executor.takenOutcomes() })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await BlockingThread.run { watch.run() } }
            if let sharing { group.addTask { await sharing.send() } }
            var iterator = signals.makeAsyncIterator()
            while true {
                for stage in conductor.startDue() {
                    group.addTask { continuation.yield(.stageEnded(await stage())) }
                }
                if conductor.isFinished { break }
                guard let signal = await iterator.next() else { break }
                conductor.take(signal)
            }
            watch.stop.ask(.cancel("the run has ended"))
            await sharing?.end()
            // What is still being sent.
            group.cancelAll()
        }
        await executor.close()
        await sharing?.close()
        return try finish(conductor, spec, startedAt: startedAt, journal)
    }

    private func executor(_ spec: RunSpec, _ secrets: [String: String], _ journal: Journal) async throws
        -> StageExecutor
    {
        var secrets = secrets
        let sharing = try Sharing(spec, state: state, keys: StoreKeys.take(from: &secrets), journal: journal)
        do {
            return try await StageExecutor(
                spec,
                directory,
                state: state,
                secrets: secrets,
                journal: journal,
                sharing: sharing
            )
        } catch {
            await sharing?.close()
            throw error
        }
    }

    /// A run is begun once: what its stages have done already must not be done again.
    private func takeLock() async throws -> FileLock {
        guard let lock = try await FileLock.take(directory.lock, within: Self.patience) else {
            throw refusal("another supervisor holds its lock")
        }
        if directory.hasBegun { throw refusal("it was begun before", hint: "start it again as a new run") }
        try lock.write(SupervisorHolder.current().encoded())
        return lock
    }

    /// Whoever looks whether a run is supervised holds its lock for a moment.
    private static let patience = Duration.seconds(1)

    private func refusal(_ why: String, hint: String? = nil) -> RunnerError {
        RunnerError(.errored, "cannot supervise run \(directory.number)", why: why, hint: hint)
    }

    private func readSpec() throws -> RunSpec {
        guard let spec = try JSON.read(RunSpec.self, at: directory.spec) else {
            throw refusal("\(directory.spec) is missing")
        }
        guard spec.version == RunSpec.currentVersion else {
            throw refusal(
                "its record has version \(spec.version), this runner knows \(RunSpec.currentVersion)",
                hint: "start it with the runner that wrote it"
            )
        }
        return spec
    }

    private func finish(
        _ conductor: Conductor,
        _ spec: RunSpec,
        startedAt: Date,
        _ journal: Journal
    ) throws -> RunResult {
        let result = RunResult(
            number: spec.number,
            outcome: conductor.outcome,
            reason: conductor.cancelReason,
            startedAt: startedAt,
            seconds: Date().timeIntervalSince(startedAt),
            stages: conductor.resultsInOrder,
            peakKibibytes: runner_peak_memory()
        )
        promote(result, spec, journal)
        try DiskReserve(state.reserve).protecting { try JSON.write(result, to: directory.result, durable: true) }
        journal.record(RunRecord(stage: nil, .runFinished(result.outcome)))
        return result
    }

    /// Before the result: who waits for the run looks as soon as that is there. What fails costs a later run its
    /// artifacts, and this one nothing.
    private func promote(_ result: RunResult, _ spec: RunSpec, _ journal: Journal) {
        do {
            try PromotionStore(state).record(result, of: spec)
        } catch {
            let words = Failure.words(error, state: state)
            journal.record(RunRecord(stage: nil, .note("other pipelines cannot take its artifacts: \(words)")))
        }
    }
}
