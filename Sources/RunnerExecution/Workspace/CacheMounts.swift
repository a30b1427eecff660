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

    /// Publishes what the stage changed, for each cache that changed or has a new key.
    /// Only for a stage that succeeded.
    func save(tree: ObjectID, run: RunNumber) throws -> [String] {
        var saved: [String] = []
        for (number, cache) in restored.enumerated() {
            switch workspace.kind {
            case .overlay:
                for index in cache.spec.paths.indices {
                    try mount(number, index, layers: [], target: workspace.directory(cache.spec.paths[index])).unmount()
                }
                guard try hasChanged(number, cache) else { continue }
                try saveChanges(number, cache, tree: tree, run: run)
            case .copy: try saveCopies(number, cache, tree: tree, run: run)
            }
            saved.append(cache.spec.key)
        }
        return saved
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

    private func hasChanged(_ number: Int, _ cache: Restored) throws -> Bool {
        guard let hit = cache.hit, hit.isExact else { return true }
        return cache.spec.paths.indices.contains { index in
            !FileSystem.names(in: workspace.places.cache(number, path: index).appending("upper")).isEmpty
        }
    }

    private func saveChanges(_ number: Int, _ cache: Restored, tree: ObjectID, run: RunNumber) throws {
        let uppers = cache.spec.paths.indices.map { workspace.places.cache(number, path: $0).appending("upper") }
        guard let hit = cache.hit, (hit.layers.first?.count ?? 0) >= CacheStore.maximumDepth else {
            try store.save(cache.spec, contents: uppers, base: cache.hit, tree: tree, run: run)
            return
        }
        var flattened: [FilePath] = []
        for (index, upper) in uppers.enumerated() {
            let whole = workspace.places.cache(number, path: index).appending("whole")
            try FileSystem.makeDirectories(whole)
            for layer in hit.layers[index].reversed() + [upper] { try FileCopy.overlay(layer, onto: whole) }
            flattened.append(whole)
        }
        try store.save(cache.spec, contents: flattened, base: nil, tree: tree, run: run)
    }

    private func saveCopies(_ number: Int, _ cache: Restored, tree: ObjectID, run: RunNumber) throws {
        var copies: [FilePath] = []
        for (index, path) in cache.spec.paths.enumerated() {
            let copy = workspace.places.cache(number, path: index).appending("whole")
            try FileSystem.makeDirectories(copy)
            try FileCopy.overlay(workspace.directory(path), onto: copy)
            copies.append(copy)
        }
        try store.save(cache.spec, contents: copies, base: nil, tree: tree, run: run)
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
