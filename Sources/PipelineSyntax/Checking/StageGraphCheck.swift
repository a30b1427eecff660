import RunnerCore

/// Checks that the stages of a file make a graph: every need exists, and none needs itself by any way.
struct StageGraphCheck {
    private let stages: [SyntaxNode.Entry]
    private let finally: [SyntaxNode.Entry]
    private let names: Set<String>
    private let finalNames: Set<String>

    init(root: SyntaxNode) {
        stages = root["stages"]?.entries ?? []
        finally = root["finally"]?.entries ?? []
        names = Set(stages.map(\.key))
        finalNames = Set(finally.map(\.key))
    }

    func run(findings: inout Findings) {
        for stage in finally where names.contains(stage.key) {
            let message = "the stage \(stage.key.quoted) stands in `stages` already"
            findings.error(message, at: stage.keyLocation, hint: "give one of them another name")
        }
        for stage in stages { checkNeeds(of: stage, among: names, isFinal: false, findings: &findings) }
        for stage in finally { checkNeeds(of: stage, among: finalNames, isFinal: true, findings: &findings) }
        reportCycles(in: stages, findings: &findings)
        reportCycles(in: finally, findings: &findings)
    }

    private func checkNeeds(
        of stage: SyntaxNode.Entry,
        among known: Set<String>,
        isFinal: Bool,
        findings: inout Findings
    ) {
        var seen: Set<String> = []
        for item in stage.value["needs"]?.items ?? [] {
            guard !findings.isFull, let name = item.text else { continue }
            if name == stage.key {
                findings.error("the stage \(name.quoted) needs itself", at: item.location)
            } else if !seen.insert(name).inserted {
                findings.error("\(name.quoted) stands in `needs` twice", at: item.location)
            } else if !known.contains(name) {
                report(unknown: name, known: known, isFinal: isFinal, at: item.location, findings: &findings)
            }
        }
    }

    private func report(
        unknown name: String,
        known: Set<String>,
        isFinal: Bool,
        at location: SourceLocation,
        findings: inout Findings
    ) {
        if isFinal, names.contains(name) {
            let message = "a stage of `finally` needs \(name.quoted), which stands in `stages`"
            findings.error(message, at: location, hint: "remove it: `finally` starts when all stages have ended")
        } else if !isFinal, finalNames.contains(name) {
            let message = "a stage needs \(name.quoted), which stands in `finally`"
            findings.error(message, at: location, hint: "`finally` starts when all stages have ended")
        } else {
            let hint = known.hint(for: name)
            findings.error("`needs` names an unknown stage \(name.quoted)", at: location, hint: hint)
        }
    }
}

// MARK: - Cycles

extension StageGraphCheck {
    /// One finding per cycle, at the need that closes it.
    private func reportCycles(in stages: [SyntaxNode.Entry], findings: inout Findings) {
        var open: [String: [String]] = [:]
        for stage in stages { open[stage.key] = (stage.value["needs"]?.items ?? []).compactMap(\.text) }
        for (name, needs) in open { open[name] = needs.filter { $0 != name && open[$0] != nil } }
        while !findings.isFull {
            Self.removeAcyclic(from: &open)
            guard let start = stages.first(where: { open[$0.key] != nil })?.key else { return }
            let cycle = Self.cycle(from: start, in: open)
            guard let last = cycle.last, let first = cycle.first else { return }
            let place = stages.first { $0.key == last }?.value["needs"]?.items.first { $0.text == first }?.location
            if let place {
                let names = cycle.count > 20 ? cycle.prefix(10) + ["... (\(cycle.count - 11) more)", last] : cycle
                let way = (names + [first]).map { "`\($0)`" }.joined(separator: " needs ")
                findings.error("stages need each other in a circle: \(way)", at: place)
            }
            for name in cycle { open[name] = nil }
        }
    }

    /// Takes away what can start, again and again: what is left waits for a circle.
    private static func removeAcyclic(from open: inout [String: [String]]) {
        var waiting: [String: Int] = [:]
        var dependents: [String: [String]] = [:]
        for (name, needs) in open {
            let present = needs.filter { open[$0] != nil }
            waiting[name] = present.count
            for need in present { dependents[need, default: []].append(name) }
        }
        var ready = waiting.filter { $0.value == 0 }.map(\.key)
        while let name = ready.popLast() {
            open[name] = nil
            for dependent in dependents[name] ?? [] {
                let left = (waiting[dependent] ?? 0) - 1
                waiting[dependent] = left
                if left == 0 { ready.append(dependent) }
            }
        }
    }

    /// Follows first needs until one comes again. Each name that is left has a need that is left.
    private static func cycle(from start: String, in open: [String: [String]]) -> [String] {
        var path: [String] = []
        var places: [String: Int] = [:]
        var name = start
        while places[name] == nil {
            places[name] = path.count
            path.append(name)
            guard let next = open[name]?.first(where: { open[$0] != nil }) else { return [] }
            name = next
        }
        return Array(path[(places[name] ?? 0)...])
    }
}
