extension Planner {
    /// Says of each pipeline, in the order given, whether the event starts it.
    ///
    /// A push of a branch is matched by `branches` and narrowed by `paths`; `paths` alone means any branch. A push of a
    /// tag is matched by `tags` only. A schedule and a person start the pipelines that have `schedule` or `manual`.
    package static func match(
        _ pipelines: [Pipeline],
        _ event: RunEvent,
        changed: ChangedPaths
    ) -> [PipelineMatch] {
        pipelines.map { pipeline in
            let (isMatch, reason) = verdict(on: pipeline.triggers, event, changed)
            return PipelineMatch(pipeline: pipeline, isMatch: isMatch, reason: reason)
        }
    }

    private typealias Match = (isMatch: Bool, reason: String)

    private static func verdict(on triggers: Triggers, _ event: RunEvent, _ changed: ChangedPaths) -> Match {
        guard triggers != Triggers() else { return (false, "it has no `on` and runs only when it is named") }
        switch event.kind {
        case .push: return branchVerdict(on: triggers, event, changed)
        case .tag: return tagVerdict(on: triggers.tags, event)
        case .schedule:
            return triggers.schedules.isEmpty ? (false, "it has no `schedule`") : (true, "its schedule is due")
        case .manual:
            return triggers.manual == nil
                ? (false, "it has no `manual` and cannot be started by hand") : (true, "started by hand")
        }
    }

    private static func branchVerdict(on triggers: Triggers, _ event: RunEvent, _ changed: ChangedPaths) -> Match {
        guard event.ref.hasPrefix("refs/heads/") else { return (false, "\(event.ref) is no branch") }
        guard let branches = triggers.branches else {
            guard let paths = triggers.paths, triggers.tags == nil else { return (false, "it has no `branches`") }
            return pathVerdict(on: paths, changed, after: "any branch matches")
        }
        let match = patternVerdict(on: branches, event.shortRef, called: "branch")
        guard match.isMatch, let paths = triggers.paths else { return match }
        return pathVerdict(on: paths, changed, after: match.reason)
    }

    private static func tagVerdict(on trigger: TagTrigger?, _ event: RunEvent) -> Match {
        let name = event.shortRef
        switch trigger {
        case nil: return (false, "it has no `tags`")
        case .patterns(let patterns): return patternVerdict(on: patterns, name, called: "tag")
        case .semver(let range):
            guard let version = SemanticVersion(tag: name) else { return (false, "tag \(name) is no semantic version") }
            guard !range.contains(version) else { return (true, "tag \(name) is in \"\(range.source)\"") }
            let note = version.isPreRelease ? ", which takes pre-releases only by name" : ""
            return (false, "tag \(name) is not in \"\(range.source)\"\(note)")
        }
    }

    private static func patternVerdict(on patterns: PatternList, _ name: String, called kind: String) -> Match {
        guard let decision = patterns.decision(for: name.utf8) else {
            return (false, "\(kind) \(name) \(noneOf(patterns))")
        }
        let verb = decision.isMatch ? "matches" : "is taken away by"
        return (decision.isMatch, "\(kind) \(name) \(verb) \"\(decision.pattern)\"")
    }

    private static func pathVerdict(on patterns: PatternList, _ changed: ChangedPaths, after reason: String) -> Match {
        switch changed {
        case .everything(let cause): return (true, "\(reason); every path counts as changed: \(cause)")
        case .paths(let paths):
            for path in paths {
                guard let decision = patterns.decision(for: path), decision.isMatch else { continue }
                return (true, "\(reason) and \(String(decoding: path, as: UTF8.self)) matches \"\(decision.pattern)\"")
            }
            return (false, "\(reason), but \(missed(patterns, by: paths.count))")
        }
    }

    private static func missed(_ patterns: PatternList, by count: Int) -> String {
        switch count {
        case 0: "no file changed"
        case 1: "the changed file does not match \(quoted(patterns))"
        default: "none of \(count) changed files matches \(quoted(patterns))"
        }
    }

    private static func noneOf(_ patterns: PatternList) -> String {
        patterns.sources.count == 1 ? "does not match \(quoted(patterns))" : "matches none of \(quoted(patterns))"
    }

    private static func quoted(_ patterns: PatternList) -> String {
        patterns.sources.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
