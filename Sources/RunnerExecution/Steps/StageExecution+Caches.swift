import RunnerCore
import RunnerStore

extension StageExecution {
    /// Saves the caches and says so, to people and in the stage's record of them. What cannot be saved is no failure: what
    /// the stage was for is done, and the next one is slower, not wrong.
    func saveCaches(_ times: FileTimes) {
        guard !caches.restored.isEmpty else { return }
        let origin = CacheMounts.Origin(tree: spec.tree, run: run.number, ref: run.plan.event.ref, times: times)
        var records = caches.records
        for (index, saving) in cacheMounts.save(origin).enumerated() where records.indices.contains(index) {
            let key = records[index].key
            switch saving {
            case .notNeeded: records[index].note = "nothing changed"
            case .unchanged(let entry):
                records[index].saved = entry.id
                records[index].note = "nothing in it changed, but the tree that it is for"
            case .saved(let entry):
                records[index].saved = entry.id
                record(.note("cache saved: \(key)"))
            case .problem(let error):
                let words = Failure.words(error, state: state)
                records[index].note = "not saved: \(words)"
                record(.note("cache not saved: \(key): \(words)"))
            }
        }
        do {
            try JSON.write(records, to: directory.caches)
        } catch {
            record(.note("cannot write \(directory.caches): \(error)"))
        }
    }
}
