import Git
import RunnerAPI
import RunnerCore
import RunnerStore

extension RunSummary {
    init(_ row: RunRow) {
        self.init(
            number: row.number.value,
            repository: row.repository,
            pipeline: row.pipeline,
            kind: row.event.kind,
            ref: row.event.ref,
            commit: row.event.commit?.description,
            tree: row.event.tree.description,
            message: row.event.message,
            author: row.event.author,
            cause: row.cause,
            status: StatusName(row.status),
            outcome: row.outcome,
            reason: row.reason,
            createdAt: row.createdAt,
            startedAt: row.startedAt,
            finishedAt: row.finishedAt,
            supersededBy: row.supersededBy?.value,
            rerunOf: row.rerunOf?.value,
            cancelReason: row.cancelReason,
            change: row.change
        )
    }
}
