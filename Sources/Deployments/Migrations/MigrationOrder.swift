import RunnerCore

/// The order that a tool tells, which is the order that they were applied in.
enum MigrationOrder {
    /// What is applied and comes after `id`, newest first. Throws where there is no such, or no way back.
    static func after(_ id: String?, of migrations: [Migration], what: String) throws(RunnerError) -> [Migration] {
        let applied = migrations.filter(\.isApplied)
        var taken = applied
        if let id {
            guard let index = applied.firstIndex(where: { $0.id == id }) else {
                let hint = DidYouMean.hint(for: id, among: applied.map(\.id))
                throw RunnerError(.input, what, why: "it is not applied", hint: hint)
            }
            taken = Array(applied[(index + 1)...])
        }
        let final = taken.filter { !$0.isReversible }.map { "`\($0.id)`" }
        guard final.isEmpty else {
            throw RunnerError(
                .errored,
                what,
                why: "there is no way back from \(final.joined(separator: ", "))",
                hint: "restore a backup that is older than it"
            )
        }
        return taken.reversed()
    }
}
