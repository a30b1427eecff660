package import RunnerCore
import RunnerStore

extension Engine {
    package func start(_ request: RunRequest) async throws -> RunNumber {
        let (record, mirror) = try await repository(for: request)
        let number = try await ManualRuns(database: database, state: state).start(request, record, mirror)
        poke()
        return number
    }

    package func rerun(_ run: RunNumber, _ choice: RerunChoice, actor: String) async throws -> RunNumber {
        guard let row = try await database.run(run) else { throw Self.unknown(run: run) }
        guard let record = try await database.repository(named: row.repository), let mirror = mirror(of: record.id)
        else {
            throw RunnerError(
                .input,
                "cannot run \(run) again",
                why: "its repository `\(row.repository)` is watched no more",
                hint: "runner repository add \(row.repository) URL"
            )
        }
        let number = try await ManualRuns(database: database, state: state).again(
            row,
            choice,
            record,
            mirror,
            actor: actor
        )
        poke()
        return number
    }

    /// The repository that was named; where none was, the only one.
    private func repository(for request: RunRequest) async throws -> (RepositoryRecord, Mirror) {
        let all = try await database.repositories()
        let names = all.map(\.name)
        let record: RepositoryRecord
        if let name = request.repository {
            guard let named = all.first(where: { $0.name == name }) else {
                throw Self.unknown(repository: name, among: names)
            }
            record = named
        } else {
            guard let only = all.first, all.count == 1 else {
                throw RunnerError(
                    .input,
                    "cannot tell the repository",
                    why: all.isEmpty ? "the server watches none" : "the server watches \(all.count)",
                    hint: all.isEmpty ? "runner repository add NAME URL" : "--repository \(names.first ?? "NAME")"
                )
            }
            record = only
        }
        guard let mirror = mirror(of: record.id) else {
            throw RunnerError(
                .errored,
                "cannot run anything of `\(record.name)`",
                why: record.problem ?? "it was not looked at yet",
                hint: "runner repository fetch \(record.name)"
            )
        }
        return (record, mirror)
    }

    static func unknown(repository name: String, among names: [String]) -> RunnerError {
        RunnerError(
            .input,
            "there is no repository `\(name)`",
            why: "the server watches \(names.isEmpty ? "none" : names.map { "`\($0)`" }.joined(separator: ", "))",
            hint: DidYouMean.hint(for: name, among: names) ?? "runner repository list"
        )
    }

    static func unknown(run: RunNumber) -> RunnerError {
        RunnerError(.input, "there is no run \(run)", why: "no run has that number", hint: "runner list")
    }
}
