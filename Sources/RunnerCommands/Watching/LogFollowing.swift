import RunnerAPI
import RunnerCore
import RunnerStore

/// Logs of a run as they grow, until the stage or the run has ended: steps of one stage in order, stages as they come.
struct LogFollowing {
    let client: RunnerClient
    let detail: RunDetail
    let run: RunNumber
    let lines: LogLines
    /// `nil` means all.
    let stage: String?
    /// Only this step of it.
    let step: Int?
    /// What was printed already.
    let offsets: [LogLines.Place: Int64]

    func follow() async throws {
        var steps: [String: AsyncStream<Int>.Continuation] = [:]
        var attempts: [String: Int] = [:]
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { for continuation in steps.values { continuation.finish() } }
            news: for try await news in RunEventFeed(client, run: run) {
                guard case .record(let record, _) = news, let name = record.stage?.description else { continue }
                guard stage == nil || stage == name else { continue }
                switch record.happening {
                case .stageStarted(let attempt): attempts[name] = attempt
                case .stepStarted(let index, _, _):
                    guard isWanted(name, index, attempt: attempts[name] ?? 1) else { continue }
                    if steps[name] == nil { steps[name] = queue(for: name, in: &group) }
                    steps[name]?.yield(index)
                case .stageFinished: if stage != nil { break news }
                default: break
                }
            }
            for continuation in steps.values { continuation.finish() }
            try await group.waitForAll()
        }
    }

    /// False for what was printed whole, for steps that nobody asked for, and for attempts whose logs have given way.
    private func isWanted(_ name: String, _ index: Int, attempt: Int) -> Bool {
        if let step, step != index { return false }
        guard let known = detail.stages.first(where: { $0.name == name }) else { return true }
        guard attempt >= known.attempt else { return false }
        let hadEnded = known.steps.contains { $0.index == index && $0.status == .finished }
        return attempt > known.attempt || !hadEnded || offsets[.init(stage: name, step: index)] == nil
    }

    /// Steps whose logs follow one another. As many as a stage has.
    private func queue(
        for name: String,
        in group: inout ThrowingTaskGroup<Void, any Error>
    ) -> AsyncStream<Int>.Continuation {
        let (indices, continuation) = AsyncStream.makeStream(of: Int.self)
        group.addTask {
            for await index in indices { try await follow(.init(stage: name, step: index)) }
        }
        return continuation
    }

    private func follow(_ place: LogLines.Place) async throws {
        var cutter = LineCutter()
        let feed = client.followLog(of: run, stage: place.stage, step: place.step, from: offsets[place] ?? 0)
        for try await piece in feed {
            var found: [ArraySlice<UInt8>] = []
            cutter.take(piece.bytes[...]) { if lines.isWanted($0) { found.append($0) } }
            lines.write(found, from: place)
        }
        cutter.finish { if lines.isWanted($0) { lines.write([$0], from: place) } }
    }
}
