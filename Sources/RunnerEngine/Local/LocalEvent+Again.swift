import Git
package import RunnerCore

extension LocalEvent {
    /// An event that happened elsewhere, with the objects of this repository. `nil` where its commit is not here.
    package init?(again event: RunEvent, in project: LocalProject) async throws {
        guard let commit = event.commit else { return nil }
        do {
            let summary = try await project.repository.commit(commit)
            var event = event
            event.tree = try await project.store.flatten(summary.tree, of: project.location)
            let ancestors = try await project.repository.ancestors(of: commit, limit: 50).map(\.tree)
            let changed = ChangedPaths.everything(because: "it is run again")
            self.init(event: event, changed: changed, relatives: ancestors, notes: [])
        } catch {
            if error.code == .notFound { return nil }
            throw RunnerError(error, kind: .input)
        }
    }
}
