import Git
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerExecution
import RunnerStore

/// A server's run, to be run here: same commit, same event, same inputs.
struct Reproduction {
    let bundle: RunBundle
    let planning: LocalPlanning
    /// In words, what is otherwise here.
    let differences: [String]

    /// Plans the run with the objects of this clone. `stages` narrows it.
    init(
        _ bundle: RunBundle,
        stages: [String],
        in project: LocalProject,
        configuration: RunnerConfiguration,
        secrets: Set<String>
    ) async throws {
        self.bundle = bundle
        guard let event = try await LocalEvent(again: bundle.event, in: project) else {
            throw Self.missing(bundle)
        }
        var request = LocalRequest(pipelines: [bundle.pipeline], stages: stages)
        var planning = try await LocalPlanning.make(request, for: event, in: project)
        if stages.isEmpty, let part = Self.part(of: bundle, planning.plans.first) {
            request.stages = part
            planning = try await LocalPlanning.make(request, for: event, in: project)
        }
        let reason = "run \(bundle.number) of \(bundle.repository) again"
        for index in planning.plans.indices { planning.plans[index].reason = reason }
        self.planning = planning
        let isolation = try RunPreparation(configuration, state: project.state).isolation
        var differences = MachineComparison(isolation: isolation, secrets: secrets).differences(from: bundle)
        if let plan = planning.plans.first {
            differences += try PlanComparison.differences(there: bundle.plan.narrowed(to: stages, as: plan), here: plan)
        }
        self.differences = differences
    }

    /// How stages ended otherwise than there; one that did not run says nothing.
    func surprises(_ results: [StageResult]) -> [String] {
        results.compactMap { result in
            guard let there = bundle.stages.first(where: { $0.name == result.stage.description })?.outcome,
                there != result.outcome
            else { return nil }
            return "`\(result.stage)`: \(there.words) there, \(result.outcome.words) here"
        }
    }

    /// The stages that were run, where those were not all.
    private static func part(of bundle: RunBundle, _ plan: Plan?) -> [String]? {
        let there = (bundle.plan.stages + bundle.plan.finally).map(\.id)
        let here = Set((plan.map { $0.stages + $0.finally } ?? []).map(\.id))
        guard Set(there) != here, there.allSatisfy(here.contains) else { return nil }
        return there.map(\.description)
    }

    private static func missing(_ bundle: RunBundle) -> RunnerError {
        let what = "cannot run \(bundle.number) of \(bundle.repository) here"
        guard let commit = bundle.commit else {
            return RunnerError(.input, what, why: "it is of no commit")
        }
        let ref = bundle.event.ref
        let place = bundle.url.map(ShellText.quoted) ?? "origin"
        return RunnerError(
            .input,
            what,
            why: "this clone does not have its commit, \(commit.prefix(10)) of \(bundle.event.shortRef)",
            hint: "git fetch \(place) \(ShellText.quoted(ref.hasPrefix("refs/") ? ref : commit))"
        )
    }
}

extension Plan {
    /// The stages that a plan of some stages has, where stages were named.
    fileprivate func narrowed(to names: [String], as plan: Plan) -> Plan {
        guard !names.isEmpty else { return self }
        let kept = Set((plan.stages + plan.finally).map(\.id))
        var copy = self
        copy.stages = stages.filter { kept.contains($0.id) }
        copy.finally = finally.filter { kept.contains($0.id) }
        return copy
    }
}
