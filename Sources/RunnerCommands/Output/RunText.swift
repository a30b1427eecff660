import FoundationEssentials
import RunnerAPI
import RunnerCore

/// Runs as lines of a list.
struct RunText {
    let paint: Paint
    var time = TimeText()

    static let header = [
        "RUN", "STATUS", "REPOSITORY", "PIPELINE", "REF", "COMMIT", "CREATED", "TIME", "MESSAGE",
    ]

    func table(_ runs: [RunSummary]) -> TextTable { TextTable(Self.header, rows: runs.map(row)) }

    func row(_ run: RunSummary) -> [TextTable.Cell] {
        [
            .init("\(run.number)", paint: paint.bold), status(run.status, run.outcome), .init(run.repository),
            .init(run.pipeline), .init(run.shortRef), .init(run.shortCommit, paint: paint.dim),
            .init(time.words(run.createdAt), paint: paint.dim), .init(run.duration(at: time.now)?.brief ?? ""),
            .init(remark(run)),
        ]
    }

    func status(_ status: StatusName, _ outcome: Outcome?) -> TextTable.Cell {
        let paint = paint
        if let outcome { return .init(outcome.words) { _ in paint.outcome(outcome) } }
        switch status {
        case .pending, .waiting: return .init(status.rawValue, paint: paint.dim)
        case .running, .finished: return .init(status.rawValue, paint: paint.bold)
        }
    }

    /// What the run is about, unless it says itself why it is not what one expects.
    private func remark(_ run: RunSummary) -> String {
        if let other = run.supersededBy { return "superseded by run \(other)" }
        if run.outcome == nil, run.cancelReason != nil { return "is ending" }
        if run.status == .waiting || run.outcome == .skipped || run.outcome == .errored, let reason = run.reason {
            return reason
        }
        return run.message
    }
}

extension RunSummary {
    /// `develop` for `refs/heads/develop`.
    var shortRef: String {
        for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
            return String(ref.dropFirst(prefix.count))
        }
        return ref
    }

    /// The first ten digits; empty where there is no commit.
    var shortCommit: String { String((commit ?? "").prefix(10)) }

    /// From its start to its end, or to now.
    func duration(at now: Date) -> Duration? {
        startedAt.map { .seconds(max(0, (finishedAt ?? now).timeIntervalSince($0))) }
    }
}

extension Paint {
    /// As standard output wants it.
    static var ofOutput: Paint { Paint(isOn: Console.isStyled(1)) }
}

extension TextLayout {
    /// As wide as standard output is.
    static var ofOutput: TextLayout { TextLayout(fitting: 1) }
}
