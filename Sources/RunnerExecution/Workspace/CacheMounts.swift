import Git
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// The caches of one stage: restored by mounting their layers, saved as a layer of what changed.
struct CacheMounts: Sendable {
    /// One declared cache, and what was found for it.
    struct Restored: Sendable {
        let spec: CacheSpec
        let hit: CacheStore.Hit?
    }

    let workspace: Workspace
    let store: CacheStore
    let restored: [Restored]

    /// Makes every path show its cached contents.
    func restore() throws {
        for (number, cache) in restored.enumerated() {
            for (index, path) in cache.spec.paths.enumerated() {
                let target = try workspace.directory(path)
                try refuseTrackedFiles(in: path)
                let layers = cache.hit?.layers[index] ?? []
                switch workspace.kind {
                case .overlay:
                    try FileSystem.makeDirectories(nothing(number, index))
                    try mount(number, index, layers: layers, target: target).mount()
                case .copy: for layer in layers.reversed() { try FileCopy.overlay(layer, onto: target) }
                }
            }
        }
    }

    /// What a stage leaves to those after it.
    struct Origin: Sendable {
        let tree: ObjectID
        let run: RunNumber
        let ref: String
        /// As the files of the workspace had them.
        let times: FileTimes
    }

    /// What became of one cache at the end.
    enum Saving {
        /// Nothing is new: not what is in it, nor the tree that it is for.
        case notNeeded
        /// What is in it is as it was found.
        case unchanged(CacheEntry)
        case saved(CacheEntry)
        case problem(any Error)
    }

    /// Publishes what the stage changed, for each cache that changed, has a new key or is of another tree now.
    /// Only for a stage that succeeded: in a copied workspace the directories are gone then.
    func save(_ origin: Origin) -> [Saving] {
        do {
            let contents = try workspace.kind == .overlay ? uppers() : moveOut()
            return restored.indices.map { number in
                do {
                    return try save(number, contents[number], origin)
                } catch {
                    return .problem(error)
                }
            }
        } catch {
            return restored.map { _ in .problem(error) }
        }
    }

    private func save(_ number: Int, _ contents: [FilePath], _ origin: Origin) throws -> Saving {
        let cache = restored[number]
        let isChanged = workspace.kind == .copy || cache.hit == nil || Self.hasContent(contents)
        if !isChanged, let hit = cache.hit, hit.isExact, hit.entry.tree == origin.tree { return .notNeeded }
        let entry = try store.save(
            cache.spec,
            contents: isChanged ? contents : nil,
            base: workspace.kind == .copy ? nil : cache.hit,
            tree: origin.tree,
            run: origin.run,
            ref: origin.ref,
            times: origin.times
        )
        return isChanged || cache.hit?.isExact == false ? .saved(entry) : .unchanged(entry)
    }

    private static func hasContent(_ directories: [FilePath]) -> Bool {
        directories.contains { !FileSystem.names(in: $0).isEmpty }
    }

    /// What was written over the layers, by cache, then by path.
    private func uppers() throws -> [[FilePath]] {
        for (number, cache) in restored.enumerated() {
            for (index, path) in cache.spec.paths.enumerated() {
                try mount(number, index, layers: [], target: workspace.directory(path)).unmount()
            }
        }
        return restored.enumerated().map { number, cache in
            cache.spec.paths.indices.map { workspace.places.cache(number, path: $0).appending("upper") }
        }
    }

    /// The directories themselves, taken out of a workspace that is thrown away next. Those within others first.
    private func moveOut() throws -> [[FilePath]] {
        var contents = restored.map { $0.spec.paths.map { _ in FilePath() } }
        let places = restored.indices.flatMap { number in restored[number].spec.paths.indices.map { (number, $0) } }
        let depths = try places.map { number, index in
            try workspace.directory(restored[number].spec.paths[index]).components.count
        }
        for (place, _) in zip(places, depths).sorted(by: { $0.1 > $1.1 }) {
            let (number, index) = place
            let whole = workspace.places.cache(number, path: index).appending("whole")
            try FileSystem.makeDirectories(whole.removingLastComponent())
            try FileSystem.rename(workspace.directory(restored[number].spec.paths[index]), to: whole)
            contents[number][index] = whole
        }
        return contents
    }

    /// Gives files and directories of the workspace their times. Returns those that were there to take one.
    func apply(_ times: FileTimes) -> FileTimes {
        var applied = times
        // What is in a directory before it: a change there may change its time.
        let ordered = times.stamps.sorted { $1.key.lexicographicallyPrecedes($0.key) }
        for (path, stamp) in ordered {
            let file = workspace.places.workspace.appending(bytes: path)
            let time = timespec(tv_sec: Int(stamp.time / 1_000_000_000), tv_nsec: Int(stamp.time % 1_000_000_000))
            // A submodule's directory, say, has none of its own.
            if utimensat(AT_FDCWD, file.cString, [time, time], AT_SYMLINK_NOFOLLOW) != 0 { applied.forget(path) }
        }
        return applied
    }

    func detach() {
        guard workspace.kind == .overlay else { return }
        for cache in restored {
            for path in cache.spec.paths {
                // The stage may have put something else there; then there is nothing mounted to end.
                if let target = try? workspace.directory(path) { OverlayMount.unmount(target) }
            }
        }
    }

    /// Shows the caches of a kept workspace again. `layers` are those that were restored: by cache, then by path.
    func reattach(layers: [[[FilePath]]]) throws {
        guard workspace.kind == .overlay else { return }
        for (number, cache) in restored.enumerated() where layers.indices.contains(number) {
            for (index, path) in cache.spec.paths.enumerated() where layers[number].indices.contains(index) {
                try mount(number, index, layers: layers[number][index], target: workspace.directory(path)).mount()
            }
        }
    }

    private func mount(_ number: Int, _ index: Int, layers: [FilePath], target: FilePath) -> OverlayMount {
        let place = workspace.places.cache(number, path: index)
        return OverlayMount(
            layers: layers.isEmpty ? [nothing(number, index)] : layers,
            upper: place.appending("upper"),
            work: place.appending("overlay"),
            target: target
        )
    }

    /// An overlay needs something below it.
    private func nothing(_ number: Int, _ index: Int) -> FilePath {
        workspace.places.cache(number, path: index).appending("nothing")
    }

    /// A cache over tracked files would show old sources for new ones.
    private func refuseTrackedFiles(in path: String) throws {
        guard !path.hasPrefix("~") else { return }
        for layer in workspace.layers {
            let directory = layer.appending(bytes: Array(path.utf8))
            guard FileSystem.isDirectory(directory), let name = FileSystem.names(in: directory).first else { continue }
            throw RunnerError(
                .input,
                "cannot cache `\(path)`",
                why: "git tracks files in it, as `\(path)/\(name)`, which a cache would hide",
                hint: "cache a directory that git ignores"
            )
        }
    }
}
