import FoundationEssentials
import Git
import Logging
import RunnerCore
import RunnerExecution
import RunnerStore

/// Starts pipelines by the clock: their `schedule`, as the default branch has it now.
actor ScheduleClock {
    private struct Entry: Sendable {
        var pipeline: String
        var schedule: Schedule
        var times: CronSchedule
    }

    private let database: RunnerDatabase
    private let logger: Logger
    /// What the default branch of a repository declares, by its commit.
    private var declared: [RepositoryID: (commit: ObjectID, entries: [Entry])] = [:]

    init(database: RunnerDatabase, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    /// Writes down the runs of a repository that are due. A time that passed while nobody looked counts once.
    func fire(_ record: RepositoryRecord, _ mirror: Mirror, now: Date) async throws -> [RunNumber] {
        guard let (branch, target) = try await defaultBranch(record, mirror) else { return [] }
        let objects = mirror.store.repository
        let entries = try await entries(record, at: target.commit, objects)
        var fired: [RunNumber] = []
        for entry in entries {
            let mark = try await database.mark(record.id, entry.pipeline, entry.schedule)
            // First sight of a schedule: it counts from now.
            guard let since = mark else {
                try await database.setMark(record.id, entry.pipeline, entry.schedule, to: now)
                continue
            }
            guard let due = entry.times.due(since: since, now: now) else { continue }
            let summary = try await objects.commit(target.commit)
            let event = RunEvent(
                kind: .schedule,
                ref: branch,
                commit: target.commit,
                tree: summary.tree,
                isWorkingTree: false,
                message: summary.summary,
                author: summary.authorName
            )
            let planning = EventPlanning(repository: record.definition, objects: objects)
            let reason = "schedule \"\(entry.schedule.cron)\" (\(entry.schedule.zone))"
            let runs = try await planning.runs(for: event, named: entry.pipeline, selecting: [], because: reason)
            guard let run = runs.first else { continue }
            if let number = try await database.fire(run, of: record.id, entry.schedule, at: due, after: since) {
                fired.append(number)
            }
        }
        return fired
    }

    private func defaultBranch(_ record: RepositoryRecord, _ mirror: Mirror) async throws -> (String, RefTarget)? {
        for name in await mirror.defaultBranches() {
            if let target = try await database.ref(name, of: record.id) { return (name, target) }
        }
        return nil
    }

    private func entries(_ record: RepositoryRecord, at commit: ObjectID, _ objects: Repository) async throws -> [Entry]
    {
        if let known = declared[record.id], known.commit == commit { return known.entries }
        let tree = try await objects.commit(commit).tree
        var entries: [Entry] = []
        do {
            for pipeline in try await PipelineLoader.load(from: tree, in: objects).pipelines {
                for schedule in pipeline.triggers.schedules {
                    // The syntax check has seen it: what it let through has times.
                    guard let times = try? CronSchedule(schedule) else { continue }
                    entries.append(Entry(pipeline: pipeline.name, schedule: schedule, times: times))
                }
            }
        } catch is RunnerError {
            // No pipelines, no schedules.
        }
        declared[record.id] = (commit, entries)
        return entries
    }
}
