import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// One stage from its spec to its result. Blocks its thread, which must be its own from beginning to end.
struct StageExecution {
    let spec: StageSpec
    let run: RunSpec
    let state: StateDirectory
    let directory: StageDirectory
    let machine: MachineView
    let workspaceKind: Workspace.Kind
    let bubblewrap: FilePath?
    let resources: Resources
    let caches: FoundCaches
    /// `hash('glob')` over the run's tree.
    let hash: EvaluationContext.Hash
    let secrets: [String: String]
    /// Where the steps find the build cache, with the token in it; `nil` for a stage that did not ask for it.
    let buildCache: String?
    let patterns: SecretPatterns
    let stop: StopSignal
    let record: @Sendable (RunRecord.Happening) -> Void

    func execute() -> StageResult {
        var result = StageResult(stage: spec.stage, outcome: .succeeded, attempt: spec.attempt, startedAt: Date())
        let start = ContinuousClock.now
        var last: KeptStep.Source?
        do {
            try runAll(&result, &last, start: start)
        } catch {
            result.outcome = Failure.outcome(error)
            result.reason = Failure.words(error, state: state)
        }
        cleanUp(&result, last)
        result.reason = result.reason.map(patterns.redacted)
        for index in result.steps.indices {
            result.steps[index].reason = result.steps[index].reason.map(patterns.redacted)
        }
        result.seconds = (ContinuousClock.now - start).seconds
        return result
    }

    private var places: StagePlaces { StagePlaces(state: state, run: run.number, stage: spec.stage) }
    private var workspace: Workspace { Workspace(kind: workspaceKind, places: places, layers: spec.layers) }
    private var artifactStore: ArtifactStore { ArtifactStore(state.artifacts) }

    var cacheMounts: CacheMounts {
        CacheMounts(
            workspace: workspace,
            store: CacheStore(
                state.layers.appending("caches"),
                repository: run.cacheScope,
                trust: run.trust ?? .ordinary
            ),
            restored: caches.restored
        )
    }

    private func runAll(
        _ result: inout StageResult,
        _ last: inout KeptStep.Source?,
        start: ContinuousClock.Instant
    ) throws {
        var clock = PhaseClock(start)
        defer { result.phases = clock.phases }
        try workspace.prepare()
        clock.end("workspace")
        try cacheMounts.restore()
        let times = cacheMounts.apply(caches.times)
        var sandbox = try makeSandbox()
        clock.end("caches")
        let names = Set(spec.secretFiles ?? [])
        let files = try SecretFiles.make(
            secrets.filter { names.contains($0.key) },
            isolation: run.isolation,
            places: places
        )
        // Before anything is kept: a workspace that stays has none of them.
        defer { files?.remove() }
        sandbox.secretFiles = files?.directory
        let group = StageGroup(resources, in: ControlGroupTree())
        defer { group.remove() }
        sandbox.group = group
        if !group.unenforced.isEmpty {
            record(.note("not enforced on this machine: \(group.unenforced.joined(separator: ", "))"))
        }
        try runSteps(in: sandbox, files, &result, &last, deadline: start + spec.timeout)
        clock.end("steps")
        do {
            try collectReports()
        } catch  where result.outcome != .succeeded {
            record(.note("reports are incomplete: \(Failure.words(error, state: state))"))
        }
        if result.outcome == .succeeded { try collectArtifacts(&result) }
        clock.end("artifacts")
        guard result.outcome == .succeeded else { return }
        saveCaches(times)
        clock.end("cache saving")
    }

    private func makeSandbox() throws -> Sandbox {
        let handover = ArtifactHandover(store: artifactStore, merged: places.mergedArtifacts)
        let artifacts = try handover.directories(of: spec.takes)
        if run.isolation == .none {
            for (name, directory) in artifacts {
                let link = places.artifacts.appending(name)
                if symlink(directory.cString, link.cString) != 0 { throw SystemFailure("make link", link) }
            }
        }
        return Sandbox(
            isolation: run.isolation,
            machine: machine,
            places: places,
            network: spec.network,
            artifacts: artifacts,
            bubblewrap: bubblewrap
        )
    }

    private func runSteps(
        in sandbox: Sandbox,
        _ files: SecretFiles?,
        _ result: inout StageResult,
        _ last: inout KeptStep.Source?,
        deadline: ContinuousClock.Instant
    ) throws {
        var environment = try StepEnvironment(
            spec: spec,
            exposure: machine.exposure,
            visible: sandbox.visible,
            secrets: SecretFiles.variables(secrets, files: spec.secretFiles, in: files),
            servicePorts: ServicePorts.take(for: spec.services),
            buildCache: buildCache
        )
        let services = ServiceGroup(
            spec,
            sandbox: sandbox,
            environment: environment.variables(declared: [:], step: "service"),
            directory: directory,
            limits: run.limits,
            patterns: patterns,
            stop: stop
        )
        defer { services.end() }
        if let problem = try services.start(until: deadline, record) {
            result.outcome = problem.outcome
            result.reason = problem.reason
            return
        }
        for (index, step) in spec.steps.enumerated() {
            var context = EvaluationContext(values: spec.context, hash: hash)
            for (name, value) in environment.passedOn { context.set(name, of: "env", to: .string(value)) }
            context.standing = result.outcome == .succeeded ? .succeeded : .failed
            if let request = stop.request, result.outcome == .succeeded {
                // Not all was done: nothing of it may be kept or taken for the whole.
                result.outcome = .canceled
                result.reason = request.reason
            }
            if let reason = try reasonToSkip(step, result, context) {
                result.steps.append(StepResult(name: step.name, outcome: .skipped, reason: reason))
                continue
            }
            let declared = try declaredVariables(step, context)
            // What runs `always()` after the stage's time is over still has the grace to clean up.
            let rest = max(deadline - .now, result.outcome == .succeeded ? .zero : spec.grace)
            let execution = execution(of: step, index: index, in: sandbox, rest: rest)
            record(.stepStarted(index: index, name: step.name, log: execution.log.lastComponent?.string ?? ""))
            let variables = environment.variables(declared: declared, step: step.name)
            // Of a failed stage, what the step had that failed first.
            if result.outcome == .succeeded { last = KeptStep.Source(index: index, variables: variables) }
            let end = try execution.run(environment: variables)
            environment.pass(end.variables, searchPaths: end.searchPaths)
            result.outputs.merge(end.outputs) { _, new in new }
            finish(end, index: index, &result)
        }
    }

    /// The step with its log and its limit: its own, or what is left of the stage's.
    private func execution(
        of step: StepDefinition,
        index: Int,
        in sandbox: Sandbox,
        rest: Duration
    ) -> StepExecution {
        let ownLimit = step.timeout.flatMap { $0 < rest ? $0 : nil }
        return StepExecution(
            index: index,
            step: step,
            sandbox: sandbox,
            log: directory.log(step: index, name: step.name),
            limits: run.limits,
            timeout: ownLimit ?? rest,
            limit: ownLimit.map { "ran longer than \($0.words)" }
                ?? "the stage ran longer than \(spec.timeout.words)",
            grace: spec.grace,
            secrets: patterns,
            stop: stop
        )
    }

    private func finish(_ end: StepExecution.End, index: Int, _ result: inout StageResult) {
        let step = end.result
        result.steps.append(step)
        record(
            .stepFinished(
                index: index,
                name: step.name,
                outcome: step.outcome,
                exitCode: step.exitCode,
                seconds: step.seconds
            )
        )
        // The first failure names the stage's outcome; what `if: always()` steps do later does not change it.
        guard step.outcome != .succeeded, result.outcome == .succeeded else { return }
        result.outcome = step.outcome
        result.reason = "step `\(step.name)`: \(step.reason ?? step.outcome.rawValue)"
    }

    /// A step without a condition runs while all before it succeeded. After a cancel no step starts.
    private func reasonToSkip(_ step: StepDefinition, _ result: StageResult, _ context: EvaluationContext) throws
        -> String?
    {
        if let request = stop.request { return "canceled: \(request.reason)" }
        if result.outcome == .canceled || result.outcome == .errored {
            return "the stage is \(result.outcome.rawValue)"
        }
        guard let condition = step.condition else {
            return result.outcome == .succeeded ? nil : "an earlier step \(result.outcome.rawValue)"
        }
        guard result.outcome == .succeeded || condition.references.judgesNeeds else {
            return "an earlier step \(result.outcome.rawValue)"
        }
        return try condition.evaluate(in: context).isTruthy ? nil : "if: \(condition.source) is false"
    }

    private func declaredVariables(_ step: StepDefinition, _ context: EvaluationContext) throws -> [String: String] {
        var declared: [String: String] = [:]
        for variable in step.env { declared[variable.name] = try variable.value.evaluate(in: context) }
        return declared
    }

    private func collectReports() throws {
        for report in spec.reports {
            let target = directory.reports.appending(report.kind.rawValue)
            for file in try FileCollection.collect(report.paths, in: places.workspace) where file.kind == .file {
                let copy = target.appending(bytes: file.name)
                try FileSystem.makeDirectories(copy.removingLastComponent())
                try TreeRemoval.remove(copy)
                try FileCopy.file(file.path(below: places.workspace), to: copy, mode: 0o644)
            }
        }
    }

    private func collectArtifacts(_ result: inout StageResult) throws {
        for definition in spec.artifacts {
            guard let reference = try artifactStore.save(definition, from: places.workspace) else {
                result.outcome = .failed
                let patterns = definition.paths.sources.joined(separator: " ")
                result.reason = "artifact `\(definition.name)`: no file matches \(patterns)"
                return
            }
            result.artifacts.append(reference)
        }
        guard !result.artifacts.isEmpty else { return }
        let provenance = StageProvenance(spec: spec, run: run, directory: directory, patterns: patterns)
        for index in result.artifacts.indices {
            let manifest = try artifactStore.manifest(of: result.artifacts[index])
            let statement = try provenance.statement(result.artifacts[index], manifest, result)
            result.artifacts[index].provenance = try ProvenanceStore(state).save(statement)
        }
    }

    private func cleanUp(_ result: inout StageResult, _ last: KeptStep.Source?) {
        cacheMounts.detach()
        let isKept = run.keepsFailedWorkspaces && (result.outcome == .failed || result.outcome == .timedOut)
        if isKept, !(result.reason ?? "").hasPrefix(Failure.diskIsFull) {
            workspace.detach()
            forgetExchange()
            result.keptWorkspace = places.root.string
            keep(last)
            return
        }
        do {
            try workspace.remove()
        } catch {
            record(.note("cannot remove \(places.root): \(error)"))
        }
    }
}

extension StageExecution {
    /// Variables and outputs that were refused, or passed on, may hold secrets: a kept workspace has none of them.
    fileprivate func forgetExchange() {
        do {
            try TreeRemoval.remove(places.exchange)
            try FileSystem.makeDirectories(places.exchange)
        } catch {
            record(.note("cannot empty \(places.exchange): \(error)"))
        }
    }

    /// Writes down what a shell needs beside the kept files. Without it there is still the workspace.
    private func keep(_ last: KeptStep.Source?) {
        guard let last else { return }
        let kept = KeptStep(last, secrets: spec.secrets, patterns: patterns, caches: caches.restored)
        do {
            try JSON.write(kept, to: places.keptStep)
        } catch {
            record(.note("cannot write \(places.keptStep): \(error)"))
        }
    }
}

/// Divides a stage's time among its parts.
private struct PhaseClock {
    private(set) var phases: [String: Double] = [:]
    private var last: ContinuousClock.Instant

    init(_ start: ContinuousClock.Instant) { last = start }

    mutating func end(_ phase: String) {
        let now = ContinuousClock.now
        phases[phase] = (now - last).seconds
        last = now
    }
}
