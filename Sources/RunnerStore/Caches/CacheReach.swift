import SystemPackage

/// Which entries something leads to.
struct CacheReach {
    private let root: FilePath

    init(_ root: FilePath) { self.root = root }

    /// Everything that keys lead to. What a key says that cannot be read may be any of them: then this is everything.
    func all() throws -> Set<String> {
        let keys = root.appending("keys")
        var reached: Set<String> = []
        for name in FileSystem.names(in: keys) where !name.hasPrefix(".") {
            guard let entry = try JSON.recall(CacheEntry.self, at: keys.appending(name)) else {
                return Set(FileSystem.names(in: root.appending("entries")))
            }
            try reach(entry.id, &reached)
        }
        return reached
    }

    /// Adds an entry and all that it lies over.
    func reach(_ id: String, _ reached: inout Set<String>) throws {
        var next: String? = id
        while let id = next, CacheEntry.isName(id), reached.insert(id).inserted {
            let record = CacheStore.directory(id, below: root).appending("meta.json")
            next = try JSON.recall(CacheEntry.self, at: record)?.parent
        }
    }

    /// Takes an entry's directory away. False where a stage shows it.
    static func takeAway(_ directory: FilePath) throws -> Bool {
        guard let hold = CacheHold.alone(directory) else { return false }
        let aside = directory.removingLastComponent().appending(".gc-\(UniqueName.make())")
        try FileSystem.rename(directory, to: aside)
        withExtendedLifetime(hold) {}
        try TreeRemoval.remove(aside)
        return true
    }
}
