import RunnerCore

/// Checks what one stage says against itself and against the other stages.
struct StageCheck {
    private let stages: [SyntaxNode.Entry]
    private let finally: [SyntaxNode.Entry]
    /// Which stage makes an artifact.
    private var makers: [String: String] = [:]
    /// Needs followed so far. More than `maximumWalk` are no pipeline but an attack, and stay unchecked.
    private var walked = 0
    private static let maximumWalk = 500_000

    init(root: SyntaxNode) {
        stages = root["stages"]?.entries ?? []
        finally = root["finally"]?.entries ?? []
    }

    mutating func run(findings: inout Findings) {
        for stage in stages + finally { collectArtifacts(of: stage, findings: &findings) }
        let needs = Dictionary(
            (stages + finally).map { ($0.key, ($0.value["needs"]?.items ?? []).compactMap(\.text)) },
            uniquingKeysWith: { first, _ in first }
        )
        for stage in stages + finally where !findings.isFull {
            guard case .mapping = stage.value.content else { continue }
            checkWork(of: stage, findings: &findings)
            checkDeploy(of: stage, needs: needs, isFinal: finally.contains { $0.key == stage.key }, findings: &findings)
            checkTaken(by: stage, needs: needs[stage.key] ?? [], findings: &findings)
            checkMatrix(of: stage, findings: &findings)
            checkServices(of: stage, findings: &findings)
            checkBuildCache(of: stage, findings: &findings)
            if let timeout = stage.value["timeout"], timeout.text.flatMap(Quantity.duration) == .zero {
                let message = "`timeout` is 0: the stage \(stage.key.quoted) may run for ever"
                findings.warning(message, at: timeout.location, hint: "write how long it may take, as `30m`")
            }
        }
    }

    private mutating func collectArtifacts(of stage: SyntaxNode.Entry, findings: inout Findings) {
        for artifact in stage.value["artifacts"]?.entries ?? [] {
            if let maker = makers[artifact.key] {
                let message = "the artifact \(artifact.key.quoted) is made by the stage \(maker.quoted) already"
                findings.error(message, at: artifact.keyLocation, hint: "give one of them another name")
            } else {
                makers[artifact.key] = stage.key
            }
        }
    }

    private func checkWork(of stage: SyntaxNode.Entry, findings: inout Findings) {
        let kinds = ["run", "steps", "deploy"].compactMap { stage.value.entry($0) }
        let others = stage.value.entries.map(\.key)
        if kinds.isEmpty {
            let isTypo = others.contains { key in
                PipelineGrammar.finalStage.key(key) == nil
                    && ["run", "steps", "deploy"].contains(
                        DidYouMean.suggestion(for: key, among: ["run", "steps", "deploy"])
                    )
            }
            guard !isTypo else { return }
            let message = "the stage \(stage.key.quoted) does nothing"
            findings.error(message, at: stage.keyLocation, hint: "add `run`, `steps` or `deploy`")
        }
        if let second = kinds.dropFirst().first {
            let message =
                "the stage \(stage.key.quoted) has both \(kinds.map { "`\($0.key)`" }.joined(separator: " and "))"
            findings.error(message, at: second.keyLocation, hint: "keep one of them")
        }
        guard stage.value.entry("deploy") != nil, kinds.count == 1 else { return }
        for key in ["image", "services", "cache", "artifacts", "reports", "reuse", "build-cache"] {
            guard let entry = stage.value.entry(key) else { continue }
            let message = "`\(key)` has no meaning in a stage that deploys"
            findings.error(message, at: entry.keyLocation, hint: "move it to the stage that makes the artifact")
        }
    }

    private mutating func checkDeploy(
        of stage: SyntaxNode.Entry,
        needs: [String: [String]],
        isFinal: Bool,
        findings: inout Findings
    ) {
        guard let node = stage.value["deploy"]?["artifact"], let name = node.text else { return }
        if Self.taken(by: stage).contains(where: { $0.text == name }) { return }
        guard let maker = makers[name] else {
            let near = makers.keys.hint(for: name)
            let hint =
                near ?? (makers.isEmpty ? "no stage has `artifacts`" : "there is \(makers.keys.sorted().alternatives)")
            findings.error("`deploy` names an unknown artifact \(name.quoted)", at: node.location, hint: hint)
            return
        }
        guard !isFinal else { return }
        var known: Set<String> = []
        var open = needs[stage.key] ?? []
        while let need = open.popLast(), walked < Self.maximumWalk {
            guard known.insert(need).inserted else { continue }
            open += needs[need] ?? []
            walked += 1 + (needs[need] ?? []).count
        }
        guard walked < Self.maximumWalk else { return }
        guard !known.contains(maker) else { return }
        let message = "the artifact \(name.quoted) is made by \(maker.quoted), which the stage does not need"
        findings.error(message, at: node.location, hint: "add `needs: [\(maker)]`")
    }
}

// MARK: - Parts

extension StageCheck {
    /// More cells than this are a mistake, and would be planned one by one.
    private static let maximumCells = 1_000

    /// The nodes with the names of what a stage takes from other pipelines.
    private static func taken(by stage: SyntaxNode.Entry) -> [SyntaxNode] {
        (stage.value["needs-artifact"]?.items ?? []).compactMap { $0["as"] ?? $0["name"] }
    }

    /// Two artifacts of one name would be laid over each other.
    private func checkTaken(by stage: SyntaxNode.Entry, needs: [String], findings: inout Findings) {
        var seen: Set<String> = []
        for node in Self.taken(by: stage) {
            guard let name = node.text else { continue }
            if !seen.insert(name).inserted {
                findings.error("the stage takes two artifacts as \(name.quoted)", at: node.location, hint: "add `as`")
            } else if let maker = makers[name], needs.contains(maker) {
                let message = "the stage gets \(name.quoted) from \(maker.quoted), too"
                findings.error(message, at: node.location, hint: "add `as` with another name")
            }
        }
    }

    private func checkMatrix(of stage: SyntaxNode.Entry, findings: inout Findings) {
        guard let matrix = stage.value.entry("matrix") else { return }
        let axes = matrix.value.entries.filter { !["include", "exclude"].contains($0.key) }
        for axis in axes {
            var seen: Set<String> = []
            for item in axis.value.items {
                guard let text = item.text, !seen.insert(text).inserted else { continue }
                findings.error("\(text.quoted) stands in the axis \(axis.key.quoted) twice", at: item.location)
            }
        }
        var cells = 1
        for axis in axes {
            cells = min(cells.multipliedReportingOverflow(by: max(axis.value.items.count, 1)).partialValue, 1 << 20)
        }
        if cells > Self.maximumCells {
            let message =
                "the matrix of \(stage.key.quoted) has \(cells >= 1 << 20 ? "over a million" : "\(cells)") combinations"
            findings.error(message, at: matrix.keyLocation, hint: "at most \(Self.maximumCells) are run")
        }
        let names = Set(axes.map(\.key))
        for cell in matrix.value["exclude"]?.items ?? [] {
            for pair in cell.entries where !names.contains(pair.key) {
                let hint = axes.map(\.key).hint(for: pair.key)
                findings.error("`exclude` names an unknown axis \(pair.key.quoted)", at: pair.keyLocation, hint: hint)
            }
        }
    }

    private func checkBuildCache(of stage: SyntaxNode.Entry, findings: inout Findings) {
        guard let entry = stage.value.entry("build-cache"), entry.value.text == "true",
            stage.value["network"]?.text == Network.none.rawValue
        else { return }
        let message = "`build-cache` cannot be reached by the stage \(stage.key.quoted), which has `network: none`"
        findings.error(message, at: entry.keyLocation, hint: "leave out one of them")
    }

    private func checkServices(of stage: SyntaxNode.Entry, findings: inout Findings) {
        for service in stage.value["services"]?.entries ?? [] {
            guard case .mapping = service.value.content else { continue }
            guard service.value.entry("run") == nil, service.value.entry("image") == nil else { continue }
            let message = "the service \(service.key.quoted) does nothing"
            findings.error(message, at: service.keyLocation, hint: "add `run` or `image`")
        }
    }
}
