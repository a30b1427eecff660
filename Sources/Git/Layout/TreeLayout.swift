internal import Dispatch
package import FoundationEssentials
package import SystemPackage

/// What a layout wrote.
package struct LayoutSummary: Sendable, Hashable {
    /// Files, symlinks and the empty directories of submodules that are not flattened.
    package let files: Int
    /// The size of their content.
    package let bytes: Int
}

/// Writes trees of a store into directories, as `git checkout` would.
///
/// The content depends on the tree alone: `.gitattributes` (line ends, `ident`, `working-tree-encoding`, LFS) count as
/// they stand in it, settings of the user or the machine do not. Filters other than LFS are not run.
package struct TreeLayout: Sendable {
    private let store: StoreRepository
    private let time: ModificationTime?
    private let threads: Int

    /// - Parameters:
    ///   - modificationTime: what every file, symlink and directory gets; `nil` leaves the time of writing.
    ///   - threads: how many write at once; by default two per core, at most eight.
    package init(of store: StoreRepository, modificationTime: Date? = nil, threads: Int? = nil) {
        self.store = store
        time = modificationTime.map(ModificationTime.init)
        self.threads = max(1, threads ?? min(8, 2 * ProcessInfo.processInfo.activeProcessorCount))
    }

    /// Writes a whole tree into a directory that is not there yet or empty. After an error the directory holds a part.
    package func write(_ tree: ObjectID, into directory: FilePath) async throws(GitError) -> LayoutSummary {
        let writer = try await store.repository.perform { (handle) throws(GitError) in
            let plan = try handle.withReader { (reader) throws(GitError) in try LayoutPlan(tree, with: reader) }
            let converter = try FileConverter(tree, plan, store: store, with: handle)
            return LayoutWriter(plan, into: directory, time: time, converter: converter)
        }
        return try await run(writer)
    }

    /// Writes what an overlay needs above the layer of `delta.from` so that both together are `delta.to`:
    /// the changed files, and a whiteout (a character device 0:0) for each deletion.
    /// The directory must not be there yet, or be empty.
    package func writeOverlay(_ delta: TreeDelta, into directory: FilePath) async throws(GitError) -> LayoutSummary {
        let writer = try await store.repository.perform { (handle) throws(GitError) in
            let further = try AttributeChanges(delta, store: store, with: handle).affected()
            let plan = try LayoutPlan(delta, further: further)
            let converter = try FileConverter(delta, plan, store: store, with: handle)
            return LayoutWriter(plan, into: directory, time: time, converter: converter)
        }
        return try await run(writer)
    }

    private func run(_ writer: LayoutWriter) async throws(GitError) -> LayoutSummary {
        if writer.isSmall || threads == 1 {
            return try await store.repository.perform { (handle) throws(GitError) in
                try writer.prepare()
                let state = LayoutState()
                writer.work(state, with: handle)
                let summary = try state.summary()
                try writer.finish()
                return summary
            }
        }
        // Seconds of work: not on the store's own thread, which others wait for.
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Result { try runOnThreads(writer) }) }
        }
        do { return try result.get() } catch let error as GitError { throw error } catch {
            throw GitError(.other, "lay out a tree", "\(error)")
        }
    }

    private func runOnThreads(_ writer: LayoutWriter) throws(GitError) -> LayoutSummary {
        try writer.prepare()
        let state = LayoutState()
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            do throws(GitError) {
                writer.work(state, with: try StoreRepository.open(store.path))
            } catch {
                state.fail(error)
            }
        }
        let summary = try state.summary()
        try writer.finish()
        return summary
    }
}
