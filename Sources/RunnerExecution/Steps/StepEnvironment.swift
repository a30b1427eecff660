import Git
import RunnerCore
import RunnerStore

/// The variables of a step: built from nothing, never from the runner's own environment.
struct StepEnvironment: Sendable {
    /// The same for every step of a stage.
    let base: [String: String]
    /// What earlier steps appended to `RUNNER_ENV`.
    private(set) var passedOn: [String: String] = [:]
    /// Directories that earlier steps appended to `RUNNER_PATH`, the newest first.
    private(set) var searchPaths: [String] = []

    private let searchPath: String

    init(
        spec: StageSpec,
        exposure: Exposure,
        visible: VisiblePlaces,
        secrets: [String: String],
        servicePorts: [String: String] = [:],
        buildCache: String? = nil
    ) {
        searchPath = exposure.searchPath
        var base = exposure.environment
        base.merge(spec.environment) { _, declared in declared }
        base.merge(secrets.filter { spec.secrets.contains($0.key) }) { _, secret in secret }
        base.merge(Self.own(visible, spec: spec)) { _, own in own }
        base.merge(servicePorts) { _, port in port }
        base[BuildCacheAccess.variable] = buildCache
        if spec.reuseKey != nil {
            // What does not count for the key must not be seen: the next run may have another one and take this outcome.
            base = base.filter { !Self.isFactOfRun($0.key) }
        }
        self.base = base
    }

    /// Everything a step gets, its own declared variables last but for the runner's.
    func variables(declared: [String: String], step: String) -> [String: String] {
        var all = base
        all.merge(passedOn) { _, passed in passed }
        all.merge(declared) { _, declared in declared }
        all["PATH"] = (searchPaths + [searchPath]).joined(separator: ":")
        all["RUNNER_STEP"] = step
        return all
    }

    mutating func pass(_ variables: [String: String], searchPaths added: [String]) {
        passedOn.merge(variables) { _, new in new }
        searchPaths = added.reversed() + searchPaths
    }

    /// `RUNNER_RUN`, and what says which commit or ref it is.
    private static func isFactOfRun(_ name: String) -> Bool {
        ["RUNNER_RUN", "RUNNER_TREE", "RUNNER_ATTEMPT"].contains(name) || name.hasPrefix("RUNNER_REF")
            || name.hasPrefix("RUNNER_COMMIT")
    }

    private static func own(_ visible: VisiblePlaces, spec: StageSpec) -> [String: String] {
        [
            "CI": "true",
            "HOME": visible.home,
            "TMPDIR": visible.temporary,
            "LANG": spec.environment["LANG"] ?? "C.UTF-8",
            "SHELL": "/bin/sh",
            "TERM": "dumb",
            "USER": "runner",
            "LOGNAME": "runner",
            "RUNNER_RUN": spec.run.description,
            "RUNNER_STAGE": spec.stage.description,
            "RUNNER_ATTEMPT": String(spec.attempt),
            "RUNNER_WORKSPACE": visible.workspace,
            "RUNNER_ARTIFACTS": visible.artifacts,
            "RUNNER_ENV": "\(visible.exchange)/env",
            "RUNNER_OUTPUT": "\(visible.exchange)/output",
            "RUNNER_PATH": "\(visible.exchange)/path",
            "RUNNER_TREE": spec.tree.description,
        ].merging(facts(spec.context)) { own, _ in own }
    }

    /// `RUNNER_REF`, `RUNNER_COMMIT` and so on from the contexts that expressions see.
    private static func facts(_ context: [String: Value]) -> [String: String] {
        let sources = [
            ("RUNNER_PIPELINE", "pipeline", "name"), ("RUNNER_REF", "ref", "full"), ("RUNNER_REF_NAME", "ref", "name"),
            ("RUNNER_REF_KIND", "ref", "kind"), ("RUNNER_COMMIT", "commit", "id"),
            ("RUNNER_COMMIT_MESSAGE", "commit", "message"), ("RUNNER_COMMIT_AUTHOR", "commit", "author"),
        ]
        var facts: [String: String] = [:]
        for (variable, group, name) in sources {
            if case .object(let values)? = context[group], case .string(let text)? = values[name] {
                facts[variable] = text
            }
        }
        return facts
    }
}
