import Dispatch
import Git
import Glibc
import RunnerCore
import RunnerEngine
import RunnerExecution
import RunnerStore
import SystemPackage

/// `runner local` from its plans to its exit code: one run after the other, each shown as it goes.
struct LocalSession {
    struct Style {
        let isJSON: Bool
        let isQuiet: Bool
        let opensShell: Bool
    }

    let project: LocalProject
    let planning: LocalPlanning
    let options: LocalOptions
    /// What to say to `runner local` so that it runs the same again.
    let selectors: [String]
    let style: Style
    /// Of a server's run.
    var reproduction: Reproduction?

    private enum Item: Sendable {
        case record(RunRecord)
        case tick
    }

    private struct Finished {
        let run: LocalRun
        let result: RunResult
    }

    func run() async throws -> RunnerCore.ExitCode {
        for note in planning.event.notes { Console.error("note: \(note)") }
        for difference in reproduction?.differences ?? [] { Console.error("differs: \(difference.forTerminal)") }
        for warning in planning.warnings { Console.error("\(warning)") }
        if planning.plans.isEmpty { explainNothing() }
        var finished: [Finished] = []
        for plan in planning.plans {
            let run = try await LocalRun.start(plan, of: planning, in: project, options: options)
            for note in run.notes { Console.error("note: \(note)") }
            let result: RunResult
            do {
                result = try await follow(run)
            } catch let error as RunnerError where style.isJSON {
                Console.error("\(error)")
                result = RunReckoning.result(
                    of: run.directory,
                    plan: run.plan,
                    because: [error.what, error.why].compactMap(\.self).joined(separator: ": ")
                )
            }
            finished.append(Finished(run: run, result: result))
            if !style.isJSON { try await reportFailures(finished[finished.count - 1]) }
            if result.outcome == .canceled { break }
            if style.opensShell {
                try await openShell(in: run, after: result)
            }
        }
        for surprise in surprises(finished) where !style.isJSON { Console.error("differs: \(surprise.forTerminal)") }
        let outcome = Outcome.rollUp(stages: finished.map(\.result.outcome))
        if style.isJSON { Console.result(try report(outcome, finished)) }
        return finished.isEmpty ? .succeeded : RunnerCore.ExitCode(outcome)
    }

    /// Of the first stage whose workspace is kept; nothing where there is none.
    private func openShell(in run: LocalRun, after result: RunResult) async throws {
        let failed = result.stages.first { $0.keptWorkspace != nil }
        guard let failed, let workspace = failed.keptWorkspace else { return }
        let shell = KeptShell(
            directory: run.directory,
            state: project.state,
            isolation: run.isolation,
            secrets: options.secrets
        )
        try await shell.open(in: failed.stage)
        Console.error("the workspace of `\(failed.stage)` is kept: \(workspace)")
    }

    private func follow(_ run: LocalRun) async throws -> RunResult {
        let display = makeDisplay()
        display.begin(RunHeader(directory: run.directory, plan: run.plan, isolationNote: run.isolationNote))
        // Unbounded: events are few; while a terminal is stopped, ten ticks a second wait, which is little.
        let (items, continuation) = AsyncStream.makeStream(of: Item.self)
        let interrupts = Interrupts(Inbox(run.directory.inbox), run.supervisor)
        defer { interrupts.end() }
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + .milliseconds(50), repeating: .milliseconds(100))
        timer.setEventHandler { continuation.yield(.tick) }
        timer.activate()
        async let followed: Void = {
            defer { continuation.finish() }
            try await RunFollower(run.directory).follow(run.supervisor) { continuation.yield(.record($0)) }
        }()
        for await item in items {
            switch item {
            case .record(let record): display.show(record)
            case .tick: display.tick()
            }
        }
        try await followed
        timer.cancel()
        let result = try run.result()
        display.end(result)
        return result
    }

    private func makeDisplay() -> any RunDisplay {
        if style.isJSON { return SilentDisplay() }
        // Quiet asks for outcomes and nothing that moves.
        if !style.isQuiet, let live = LiveDisplay() { return live }
        return PlainDisplay(isQuiet: style.isQuiet)
    }

    private func explainNothing() {
        Console.error("nothing to run: no pipeline matches \(planning.event.event.ref)")
        for match in planning.matches { Console.error("  \(match.pipeline.name): \(match.reason)") }
    }

    private func surprises(_ finished: [Finished]) -> [String] {
        reproduction?.surprises(finished.flatMap(\.result.stages)) ?? []
    }

    private func reportFailures(_ finished: Finished) async throws {
        let paint = Paint(isOn: Console.isStyled(STDERR_FILENO))
        for result in finished.result.stages {
            let report = FailureReport(
                result,
                directory: finished.run.directory,
                pipeline: finished.run.plan.pipeline,
                selectors: selectors
            )
            guard let report else { continue }
            Console.error(report.text(paint))
        }
    }

    private func report(_ outcome: Outcome, _ finished: [Finished]) throws -> String {
        let event = planning.event.event
        let document = LocalReport(
            outcome: finished.isEmpty ? .skipped : outcome,
            pipeline: finished.count == 1 ? finished[0].run.plan.pipeline : nil,
            commit: event.commit?.description,
            tree: event.tree.description,
            stages: finished.flatMap { finished in finished.result.stages.map { stage($0, of: finished.run) } },
            runs: finished.map(run),
            differences: reproduction.map { $0.differences + surprises(finished) }
        )
        return String(decoding: try JSON.encode(document, pretty: true), as: UTF8.self)
    }

    private func stage(_ result: StageResult, of run: LocalRun) -> LocalReport.Stage {
        let directory = run.directory.stage(result.stage).path
        return LocalReport.Stage(
            name: result.stage.description,
            pipeline: run.plan.pipeline,
            outcome: result.outcome,
            reason: result.reason,
            reused: result.reusedFrom != nil,
            seconds: result.seconds,
            attempt: result.attempt,
            log: result.steps.compactMap { $0.log.map { directory.appending($0).string } },
            artifacts: result.artifacts,
            outputs: result.outputs,
            phases: result.phases
        )
    }

    private func run(_ finished: Finished) -> LocalReport.Run {
        LocalReport.Run(
            number: finished.run.directory.number.value,
            pipeline: finished.run.plan.pipeline,
            outcome: finished.result.outcome,
            seconds: finished.result.seconds,
            directory: finished.run.directory.path.string,
            isolation: finished.run.isolation,
            peakKibibytes: finished.result.peakKibibytes,
            phases: finished.run.phases
        )
    }
}

/// Shows nothing: the document at the end says it all.
final class SilentDisplay: RunDisplay {
    func begin(_ header: RunHeader) {}
    func show(_ record: RunRecord) {}
    func tick() {}
    func end(_ result: RunResult) {}
}
