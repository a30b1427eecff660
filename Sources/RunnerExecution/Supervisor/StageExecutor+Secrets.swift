import FoundationEssentials
import RunnerCore
import RunnerStore

extension StageExecutor {
    /// What the steps of a stage get, by name: what it lists, in the value of its environment where there is one.
    func secrets(of planned: PlannedStage) -> [String: String] {
        var values: [String: String] = [:]
        for name in planned.definition.secrets {
            values[name] =
                secrets[SecretName.handed(name, environment: planned.definition.environment)] ?? secrets[name]
        }
        return values
    }

    /// The result of a stage that does not get what it asks for; `nil` where it does.
    func refusal(of planned: PlannedStage) -> StageResult? {
        let values = secrets(of: planned)
        let missing = planned.definition.secrets.first { values[$0] == nil }
        let unknown = missing.map { SecretRefusal(secret: $0, why: "no value was handed over") }
        guard let refusal = spec.secretRefusals?[planned.id.description] ?? unknown else { return nil }
        let error = RunnerError(
            .errored,
            "stage `\(planned.id)` does not get the secret `\(refusal.secret)`",
            why: refusal.why,
            hint: refusal.hint
        )
        var result = StageResult(stage: planned.id, outcome: .errored, startedAt: Date())
        result.reason = Failure.words(error, state: state)
        do {
            try FileSystem.makeDirectories(directory.stage(planned.id).path)
        } catch {
            record(planned.id, .note("cannot make \(directory.stage(planned.id).path): \(error)"))
        }
        record(planned.id, .stageStarted(attempt: 1))
        write(&result, to: directory.stage(planned.id))
        return result
    }
}
