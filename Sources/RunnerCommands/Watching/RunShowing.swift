import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerExecution
import RunnerStore

/// Shows a run of a daemon with what shows the runs of `runner local`.
///
/// Its logs are spooled into files, for that is what the displays read.
final class RunShowing: @unchecked Sendable {
    // Unchecked: `run` alone touches what changes, and runs once; its children only send items.
    private enum Item: Sendable {
        case news(RunNews)
        case logEnded(StageID)
        /// Why the run has not begun.
        case standing(String)
        case tick
        case interrupted
        case failed(any Error)
    }

    private enum Logs: Sendable { case none, lastLine, all }

    private let client: RunnerClient
    private let detail: RunDetail
    private let plan: Plan
    private let spool: LogSpool
    private let logs: Logs
    private var display: (any RunDisplay)?
    private var held = HeldRecords()
    private var attempts: [StageID: Int] = [:]
    private var results: [StageID: StageResult] = [:]
    private var hasBegun = false
    private var end: RunSummary?

    init(_ client: RunnerClient, _ number: RunNumber, _ detail: RunDetail, _ plan: Plan, isQuiet: Bool) throws {
        (self.client, self.detail, self.plan) = (client, detail, plan)
        spool = try LogSpool(client, run: number)
        if !isQuiet, let live = LiveDisplay() {
            (display, logs) = (live, .lastLine)
        } else {
            (display, logs) = (PlainDisplay(isQuiet: isQuiet), isQuiet ? .none : .all)
        }
    }

    func close() { spool.remove() }

    /// `nil` where a person stopped it.
    func run() async throws -> (RunResult, RunSummary)? {
        // Unbounded: events are few, and a log sends one item at its end.
        let (items, out) = AsyncStream.makeStream(of: Item.self)
        let interruption = Interruption { out.yield(.interrupted) }
        defer { withExtendedLifetime(interruption) {} }
        // The terminal is as it was before anything is said about how it ended.
        defer { display = nil }
        begin()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [client, number = spool.directory.number] in
                await Self.forward(RunEventFeed(client, run: number), to: out)
            }
            group.addTask { [client, run = detail.run] in await Self.forwardStanding(of: run, client, to: out) }
            group.addTask { await Self.tick(out) }
            defer { group.cancelAll() }
            for await item in items {
                switch item {
                case .interrupted: return nil
                case .failed(let error): throw error
                case .tick: display?.tick()
                case .standing(let reason): if !hasBegun { note(reason) }
                case .news(.ended(let summary)): end = summary
                case .news(.record(let record, _)):
                    hasBegun = true
                    take(record, &group, out)
                case .logEnded(let stage): for record in held.end(stage) { take(record, &group, out) }
                }
                if let end, held.isEmpty { return (finish(end), end) }
            }
            return nil
        }
    }

    // MARK: - Showing

    private func begin() {
        let begun = detail.run.startedAt ?? Date()
        display?.begin(
            RunHeader(directory: spool.directory, plan: plan, isolationNote: detail.isolationNote, startedAt: begun)
        )
        guard detail.run.status != .running, detail.run.outcome == nil, let reason = detail.run.reason else { return }
        note("\(detail.run.status.rawValue): \(reason)")
    }

    private func note(_ text: String) { display?.show(RunRecord(stage: nil, .note(text))) }

    private func take(
        _ record: RunRecord,
        _ group: inout ThrowingTaskGroup<Void, any Error>,
        _ out: AsyncStream<Item>.Continuation
    ) {
        guard !held.holds(record) else { return }
        switch record.happening {
        case .stageStarted(let attempt): if let stage = record.stage { attempts[stage] = attempt }
        case .stageFinished(let result): results[result.stage] = result
        case .stepStarted(let index, _, let log):
            if let stage = record.stage { follow(index, of: stage, log, &group, out) }
        case .runStarted(_, let note):
            // Of a run that began after we came.
            if let note, detail.isolationNote == nil { self.note(note) }
        case .stepFinished, .note, .cancelRequested, .deploymentWanted, .granted, .wants, .runFinished: break
        }
        display?.show(record)
    }

    private func follow(
        _ step: Int,
        of stage: StageID,
        _ log: String,
        _ group: inout ThrowingTaskGroup<Void, any Error>,
        _ out: AsyncStream<Item>.Continuation
    ) {
        // An earlier attempt's logs have given way to those of the last one.
        let last = detail.stages.first { $0.name == stage.description }?.attempt ?? 1
        guard logs != .none, attempts[stage] ?? 1 >= last, let path = spool.path(of: log, stage: stage) else { return }
        let isWhole = logs == .all
        if isWhole { held.begin(stage) }
        group.addTask { [spool] in
            do {
                try await spool.follow(path, stage: stage, step: step, wholly: isWhole)
            } catch {
                if !(error is CancellationError) { out.yield(.failed(error)) }
            }
            if isWhole { out.yield(.logEnded(stage)) }
        }
    }

    private func finish(_ summary: RunSummary) -> RunResult {
        let planned = (plan.stages + plan.finally).map(\.id)
        let result = RunResult(
            number: spool.directory.number,
            outcome: summary.outcome ?? .errored,
            reason: summary.reason,
            startedAt: summary.startedAt ?? summary.createdAt,
            seconds: summary.duration(at: Date())?.seconds ?? 0,
            stages: planned.compactMap { results[$0] },
            peakKibibytes: 0
        )
        display?.end(result)
        return result
    }

    // MARK: - What sends items

    private static func forward(_ feed: RunEventFeed, to out: AsyncStream<Item>.Continuation) async {
        do {
            for try await news in feed {
                out.yield(.news(news))
                if case .ended = news { return }
            }
            out.yield(.failed(WatchSession.cutOff))
        } catch {
            if !(error is CancellationError) { out.yield(.failed(error)) }
        }
    }

    /// Why a run waits, whenever that changes.
    private static func forwardStanding(
        of run: RunSummary,
        _ client: RunnerClient,
        to out: AsyncStream<Item>.Continuation
    ) async {
        guard run.outcome == nil, run.status != .running else { return }
        var last = run.reason
        do {
            for try await event in client.changes(after: run.change) where event.name == "run" {
                let now = try APIJSON.decode(RunSummary.self, from: Data(event.data.utf8))
                guard now.number == run.number else { continue }
                guard now.outcome == nil, now.status != .running else { return }
                guard now.reason != last, let reason = now.reason else { continue }
                last = reason
                out.yield(.standing("\(now.status.rawValue): \(reason)"))
            }
        } catch {
            // The run's own events tell what is wrong with the daemon.
        }
    }

    private static func tick(_ out: AsyncStream<Item>.Continuation) async {
        while !Task.isCancelled {
            out.yield(.tick)
            // Only cancellation ends it early.
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
