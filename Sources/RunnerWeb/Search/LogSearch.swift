import Dispatch
import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

/// Looks for a text in the logs of all runs, the newest first, within a bound of matches and time. One at a time: it is
/// the disk that it waits for.
struct LogSearch: Sendable {
    let database: RunnerDatabase
    let state: StateDirectory
    let text: String
    let limit: Int

    private static let queue = DispatchQueue(label: "runner.search", qos: .utility)
    private static let longestSearch = Duration.seconds(5)
    /// Of one run: what one loud run says does not hide the others.
    private static let mostPerRun = 50
    private static let longestLine = 400

    func run(_ filter: RunFilter) async throws -> SearchAnswer {
        let deadline = ContinuousClock.now + Self.longestSearch
        var answer = SearchAnswer(matches: [], runs: 0)
        var filter = filter
        filter.limit = 100
        while true {
            let rows = try await database.runs(filter)
            for row in rows {
                answer.runs += 1
                answer.matches += try await matches(in: row, stages: database.stages(of: row.number), deadline)
                if answer.matches.count >= limit || ContinuousClock.now > deadline {
                    answer.next = Int64(row.number.value)
                    return answer
                }
            }
            guard rows.count == filter.limit, let last = rows.last else { return answer }
            filter.before = last.number
        }
    }

    private func matches(
        in row: RunRow,
        stages: [StageRow],
        _ deadline: ContinuousClock.Instant
    ) async throws -> [SearchMatch] {
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async {
                continuation.resume(with: Result { try look(in: row, stages, deadline) })
            }
        }
    }

    private func look(in row: RunRow, _ stages: [StageRow], _ deadline: ContinuousClock.Instant) throws -> [SearchMatch]
    {
        let run = RunDirectory(state.runs.appending(row.number.description), number: row.number)
        var matches: [SearchMatch] = []
        for stage in stages {
            for (step, path) in StageLogs(run.stage(stage.stage)).all {
                guard matches.count < Self.mostPerRun, ContinuousClock.now < deadline else { return matches }
                try look(in: path, deadline) { offset, line in
                    let text = String(decoding: line.prefix(Self.longestLine), as: UTF8.self)
                    matches.append(
                        SearchMatch(
                            run: row.number.value,
                            repository: row.repository,
                            pipeline: row.pipeline,
                            stage: stage.stage.description,
                            step: step,
                            offset: offset,
                            line: text
                        )
                    )
                    return matches.count < Self.mostPerRun
                }
            }
        }
        return matches
    }

    private func look(
        in path: FilePath,
        _ deadline: ContinuousClock.Instant,
        _ found: (Int64, ArraySlice<UInt8>) -> Bool
    ) throws {
        // Between the listing and now, it may have been evicted.
        guard let file = try OpenFile(path) else { return }
        var search = LineSearch(text)
        var offset: Int64 = 0
        var isOver = false
        while !isOver, ContinuousClock.now < deadline {
            let piece = try file.read(at: offset, 256 << 10)
            guard !piece.isEmpty else { break }
            offset += Int64(piece.count)
            search.take(piece) { offset, line in
                isOver = !found(offset, line)
                return !isOver
            }
        }
        if !isOver { search.finish(found) }
    }
}
