package import FoundationEssentials
package import Git
package import RunnerCore
package import SystemPackage

/// One thing that takes room on the disk and may be given up.
package struct EvictionItem: Sendable, Hashable {
    /// What it is, by the name that others know it by.
    package enum Subject: Sendable, Hashable {
        case mirror(String)
        case layer(ObjectID)
        case cache(String)
        case artifact(Digest)
        /// Of a stage, to be taken again: by the file that has it.
        case outcome(String)
        /// Of build tools: by its file.
        case buildCache(String)
        case run(RunNumber)
        case workspace(String, of: RunNumber?)
    }

    package var subject: Subject
    package var dataClass: ServerOptions.DataClass
    package var path: FilePath
    /// What the disk gets back.
    package var bytes: Int64
    package var usedAt: Date
    /// What must stay as long as this does.
    package var restsOn: [Subject]
    /// Until then somebody asked for it, and no longer.
    package var keepUntil: Date?

    package init(
        _ subject: Subject,
        _ dataClass: ServerOptions.DataClass,
        path: FilePath,
        bytes: Int64,
        usedAt: Date,
        restsOn: [Subject] = [],
        keepUntil: Date? = nil
    ) {
        self.subject = subject
        self.dataClass = dataClass
        self.path = path
        self.bytes = bytes
        self.usedAt = usedAt
        self.restsOn = restsOn
        self.keepUntil = keepUntil
    }
}

extension EvictionItem.Subject: CustomStringConvertible {
    package var description: String {
        switch self {
        case .mirror(let name): "mirror `\(name)`"
        case .layer(let tree): "tree \(tree.short)"
        case .cache(let id): "cache \(id)"
        case .artifact(let digest): "artifact \(digest.short)"
        case .outcome(let name): "outcome \(name.prefix(10))"
        case .buildCache(let name): "build cache entry \(name.prefix(10))"
        case .run(let run): "run \(run)"
        case .workspace(let name, _): "workspace `\(name)`"
        }
    }
}
