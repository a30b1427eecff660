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
        guard let lock = try FileLock(directory.lock, wait: false) else {
            throw RunnerError(
                .errored,
                "cannot supervise run \(directory.number)",
                why: "another supervisor holds its lock"
            )
        }
        defer { withExtendedLifetime(lock) {} }
        // Where the kernel refuses, only a killed guard leaves something behind.
        _ = runner_adopt_orphans()
        let spec = try readSpec()
        let journal = try Journal(directory.events)
        let executor = try await StageExecutor(spec, directory, state: state, secrets: secrets, journal: journal)
        let startedAt = Date()
        journal.record(RunRecord(stage: nil, .runStarted(isolation: spec.isolation, note: spec.isolationNote)))
        let (signals, continuation) = AsyncStream.makeStream(of: Conductor.Signal.self)
        let watch = InboxWatch(inbox: Inbox(directory.inbox), stop: StopSignal()) { continuation.yield(.command($0)) }
        var conductor = Conductor(spec, executor, journal)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await BlockingThread.run { watch.run() } }
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
        }
        return try finish(conductor, spec, startedAt: startedAt, journal)
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
        try DiskReserve(state.reserve).protecting { try JSON.write(result, to: directory.result, durable: true) }
        journal.record(RunRecord(stage: nil, .runFinished(result.outcome)))
        return result
    }
}
