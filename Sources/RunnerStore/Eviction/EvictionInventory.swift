import FoundationEssentials
import Git
import Glibc
import RunnerCore
import SystemPackage

/// Finds what takes room in a state directory: how much, since when unused, and what it rests on.
struct EvictionInventory {
    let state: StateDirectory

    func mirrors() -> [EvictionItem] {
        visible(state.repositories).filter { $0.hasSuffix(".git") }.map { name in
            let path = state.repositories.appending(name)
            let times = ["HEAD", "FETCH_HEAD", "packed-refs", "objects", "refs"].map { time(path.appending($0)) }
            return EvictionItem(
                .mirror(String(name.dropLast(4))),
                .mirrors,
                path: path,
                bytes: Self.measure(path),
                usedAt: times.reduce(time(path), max)
            )
        }
    }

    func layers() throws -> [EvictionItem] {
        let trees = state.layers.appending("trees")
        return try visible(trees).compactMap { name in
            guard let tree = ObjectID(name) else { return nil }
            let path = trees.appending(name)
            let record = path.appending("meta.json")
            let layer = try JSON.recall(LayerStore.Layer.self, at: record)
            return EvictionItem(
                .layer(tree),
                .layers,
                path: path,
                bytes: Self.sizeOnce(of: path),
                usedAt: time(layer == nil ? path : record),
                restsOn: layer?.parent.map { [.layer($0)] } ?? []
            )
        }
    }

    func caches() throws -> [EvictionItem] {
        let entries = CacheStore.entries(in: state)
        return try visible(entries).map { id in
            let path = entries.appending(id)
            let record = path.appending("meta.json")
            let entry = try JSON.recall(CacheEntry.self, at: record)
            return EvictionItem(
                .cache(id),
                .caches,
                path: path,
                bytes: Self.sizeOnce(of: path),
                usedAt: time(entry == nil ? path : record),
                restsOn: entry?.parent.map { [.cache($0)] } ?? []
            )
        }
    }

    /// Outcomes with their logs and reports; what several share counts for none of them.
    func outcomes() throws -> [EvictionItem] {
        let kept = try ReuseStore(state).kept()
        let blobs = BlobStore(state.blobs)
        var names: [Digest: Int] = [:]
        for outcome in kept { for file in outcome.record?.files ?? [] { names[file.digest, default: 0] += 1 } }
        return kept.map { outcome in
            let own = (outcome.record?.files ?? []).filter { names[$0.digest] == 1 }
            return EvictionItem(
                .outcome(outcome.path.lastComponent?.stem ?? ""),
                .caches,
                path: outcome.path,
                bytes: own.reduce(4096) { $0 + Self.onDisk(blobs.size(of: $1.digest)) },
                usedAt: time(outcome.path)
            )
        }
    }

    /// What build tools keep. An action and its bytes are used together, so they go about together.
    func buildCaches() throws -> [EvictionItem] {
        try BuildCacheStore.files(in: state).map { path in
            var status = stat()
            let isThere = lstat(path.cString, &status) == 0
            return EvictionItem(
                .buildCache(path.lastComponent?.stem ?? ""),
                .caches,
                path: path,
                bytes: isThere ? Self.onDisk(Int64(status.st_size)) : 0,
                usedAt: time(path)
            )
        }
    }

    /// What several artifacts share counts for none of them.
    func artifacts() throws -> [EvictionItem] {
        let store = ArtifactStore(state.artifacts)
        let kept = try store.kept()
        var names: [FilePath: Int] = [:]
        for artifact in kept { for blob in artifact.blobs.keys { names[blob, default: 0] += 1 } }
        return try kept.map { artifact in
            EvictionItem(
                .artifact(artifact.digest),
                .artifacts,
                path: artifact.path,
                bytes: artifact.blobs.reduce(0) { $0 + (names[$1.key] == 1 ? Self.onDisk($1.value) : 0) },
                usedAt: time(artifact.path),
                keepUntil: try store.keepUntil(artifact.digest)
            )
        }
    }

    /// A kept workspace shows nothing without the layers below it and its run's record.
    func workspaces() -> [EvictionItem] {
        visible(state.work).map { name in
            let path = state.work.appending(name)
            let run = name.split(separator: "-").first.flatMap { Int($0) }.flatMap(RunNumber.init)
            // A record that cannot be read holds nothing back: the workspace cannot be opened by it either.
            let spec = run.flatMap { try? JSON.recall(RunSpec.self, at: state.run($0).spec) }
            let trees = spec?.layers.compactMap { $0.removingLastComponent().lastComponent?.string } ?? []
            return EvictionItem(
                .workspace(name, of: run),
                .workspaces,
                path: path,
                bytes: Self.measure(path),
                usedAt: time(path),
                restsOn: trees.compactMap(ObjectID.init).map { .layer($0) } + (run.map { [.run($0)] } ?? [])
                    + Self.keptCaches(of: path).map { .cache($0) }
            )
        }
    }

    /// The cache entries that a kept workspace shows.
    static func keptCaches(of workspace: FilePath) -> Set<String> {
        // A record that cannot be read shows nothing.
        let kept = (try? JSON.recall(KeptCaches.self, at: workspace.appending("kept.json"))).flatMap(\.self)
        let layers = kept?.cacheLayers.flatMap { $0.flatMap { $0 } } ?? []
        return Set(layers.compactMap { $0.removingLastComponent().lastComponent?.string })
    }

    /// Of the record beside a kept workspace.
    private struct KeptCaches: Decodable {
        var cacheLayers: [[[FilePath]]]
    }

    /// Rows and directories. Sizes are only looked for where they decide something: there may be very many.
    func runs(
        _ states: [RunNumber: RunnerDatabase.RunState],
        measuring needsSize: (Date) -> Bool
    ) -> [EvictionItem] {
        var items: [EvictionItem] = []
        for (number, row) in states where row.status.isFinished {
            let path = state.run(number).path
            let usedAt = row.finishedAt ?? time(path)
            items.append(item(number, path, usedAt, needsSize(usedAt)))
        }
        for name in visible(state.runs) {
            guard let number = Int(name).flatMap(RunNumber.init), number.description == name, states[number] == nil
            else { continue }
            let directory = state.run(number)
            let result = directory.result
            let usedAt = time(FileSystem.exists(result) ? result : directory.path)
            items.append(item(number, directory.path, usedAt, needsSize(usedAt)))
        }
        return items
    }

    private func item(_ run: RunNumber, _ path: FilePath, _ usedAt: Date, _ needsSize: Bool) -> EvictionItem {
        EvictionItem(.run(run), .logs, path: path, bytes: needsSize ? Self.measure(path) : 0, usedAt: usedAt)
    }

    // MARK: - Looking

    private func visible(_ folder: FilePath) -> [String] {
        FileSystem.names(in: folder).filter { !$0.hasPrefix(".") }
    }

    private func time(_ path: FilePath) -> Date { Self.time(path) }

    /// When a file was changed or noted as used; long ago for one that is not there.
    static func time(_ path: FilePath) -> Date {
        var status = stat()
        guard lstat(path.cString, &status) == 0 else { return .distantPast }
        let seconds = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
        return Date(timeIntervalSince1970: seconds)
    }

    /// Of what never changes: looked for once and noted beside it.
    static func sizeOnce(of path: FilePath) -> Int64 {
        let note = path.appending("bytes")
        if let known = (try? JSON.recall(Int64.self, at: note)).flatMap(\.self) { return known }
        let bytes = measure(path)
        // A full disk takes no note: then it is looked for again.
        try? JSON.write(bytes, to: note)
        return bytes
    }

    static func measure(_ path: FilePath) -> Int64 {
        var total: Int64 = 0
        // What vanishes meanwhile takes no room.
        try? DirectoryWalk.visit(path) { entry in
            total += onDisk(entry.bytes)
            return true
        }
        return total
    }

    /// In whole blocks, as file systems give it.
    private static func onDisk(_ bytes: Int64) -> Int64 { (bytes + 4095) / 4096 * 4096 }
}
