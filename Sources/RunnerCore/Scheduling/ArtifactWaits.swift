import Git

/// Which runs wait for runs that make what they take. Pure.
///
/// A run waits for every open run of the same repository and tree whose pipeline makes an artifact that it takes, as far
/// as it may take what that run makes. Where runs would wait for each other in a circle, none waits for a newer one:
/// something always goes on.
struct ArtifactWaits {
    /// Why each waits.
    private(set) var reasons: [RunNumber: String] = [:]

    init(_ queue: RunQueue) {
        let works = queue.pending.map(Node.init) + queue.active.map(Node.init)
        var givers: [Subject: [Node]] = [:]
        for node in works {
            guard let work = node.work else { continue }
            givers[Subject(node.repository, work.tree, work.pipeline), default: []].append(node)
        }
        var edges: [RunNumber: [(giver: Node, artifact: String)]] = [:]
        for run in queue.pending {
            guard let work = run.work else { continue }
            for need in work.takes {
                for giver in givers[Subject(run.repository, work.tree, need.pipeline)] ?? [] {
                    guard giver.number != run.number, let trust = giver.work?.trust, work.trust.readable.contains(trust)
                    else { continue }
                    edges[run.number, default: []].append((giver, need.artifact))
                }
            }
        }
        let targets = edges.mapValues { $0.map(\.giver.number) }
        for (run, needs) in edges {
            let real = needs.filter { $0.giver.number < run || !Self.leads(from: $0.giver.number, to: run, targets) }
            guard let first = real.min(by: { $0.giver.number < $1.giver.number }) else { continue }
            let pipeline = first.giver.work?.pipeline ?? ""
            reasons[run] =
                "waits for run \(first.giver.number) (\(pipeline)), whose artifact \(first.artifact) it takes"
        }
        for run in queue.pending where reasons[run.number] == nil {
            guard run.work?.takes.isEmpty == false, queue.unplanned.contains(run.repository) else { continue }
            reasons[run.number] = "waits until it is known what else was pushed: it takes artifacts of other pipelines"
        }
    }

    private static func leads(from start: RunNumber, to end: RunNumber, _ edges: [RunNumber: [RunNumber]]) -> Bool {
        var open = [start]
        var seen: Set<RunNumber> = []
        while let next = open.popLast() {
            if next == end { return true }
            guard seen.insert(next).inserted else { continue }
            open += edges[next] ?? []
        }
        return false
    }

    private struct Subject: Hashable {
        let repository: String
        let tree: String
        let pipeline: String

        init(_ repository: String, _ tree: String, _ pipeline: String) {
            self.repository = repository
            self.tree = tree
            self.pipeline = pipeline
        }
    }

    private struct Node {
        let number: RunNumber
        let repository: String
        let work: RunQueue.Work?

        init(_ run: RunQueue.Candidate) {
            number = run.number
            repository = run.repository
            work = run.work
        }

        init(_ run: RunQueue.Active) {
            number = run.number
            repository = run.repository
            work = run.work
        }
    }
}

extension RunQueue {
    /// What a run is about, for runs that take what it makes.
    package struct Work: Sendable, Hashable {
        /// An artifact that it takes from a run of another pipeline.
        package struct Take: Sendable, Hashable {
            package var pipeline: String
            package var artifact: String

            package init(pipeline: String, artifact: String) {
                self.pipeline = pipeline
                self.artifact = artifact
            }
        }

        package var pipeline: String
        package var tree: String
        package var trust: RefTrust
        package var takes: [Take]

        package init(pipeline: String, tree: String, trust: RefTrust, takes: [Take] = []) {
            self.pipeline = pipeline
            self.tree = tree
            self.trust = trust
            self.takes = takes
        }

        /// `selected` are the stages that run; `nil` means all.
        package init(_ plan: Plan, trust: RefTrust, selected: Set<StageID>? = nil, taken: Set<StageID> = []) {
            let stages = (plan.stages + plan.finally).filter { stage in
                if case .skipped = stage.verdict { return false }
                return (selected?.contains(stage.id) ?? true) && !taken.contains(stage.id)
            }
            let takes = stages.flatMap { $0.definition.neededArtifacts ?? [] }
            self.init(
                pipeline: plan.pipeline,
                tree: plan.event.tree.description,
                trust: trust,
                takes: takes.map { Take(pipeline: $0.pipeline, artifact: $0.name) }
            )
        }
    }
}
