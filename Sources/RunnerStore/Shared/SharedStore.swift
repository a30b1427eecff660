import Crypto
package import FoundationEssentials
import Glibc
package import ObjectStorage
package import SystemPackage

/// What several machines share: records by name and trust, and blobs by content.
///
///     blobs/ab/DIGEST.zst          as in `BlobStore`; checked after expanding, whoever wrote it
///     records/KIND/LEVEL/NAME      see `SharedRecord`
///
/// Nothing here throws, and nothing takes long: what is not answered in time counts as not there. After two such failures
/// in a row the store is left out for as long as this lives, which it says once.
package actor SharedStore {
    /// For a record, and for asking whether a blob is there.
    private static let patience = Duration.seconds(5)
    /// A slower store is no help: 1 MiB each second.
    private static let slowest: Int64 = 1 << 20
    private static let failuresToLeave = 2

    package nonisolated let isReadOnly: Bool
    private let objects: any ObjectStore
    private let key: SymmetricKey
    private let tell: @Sendable (String) -> Void
    private var failures = 0
    private var told: Set<String> = []
    /// Found damaged in the store: whoever has the bytes writes them again.
    private var damaged: Set<Digest> = []
    /// True from the moment that the store is given up.
    package private(set) var isLeftOut = false

    package init(_ access: StoreAccess, _ keys: StoreKeys, tell: @escaping @Sendable (String) -> Void) {
        self.init(access.open(keys), signing: keys.signing, isReadOnly: access.isReadOnly, tell: tell)
    }

    package init(
        _ objects: any ObjectStore,
        signing key: String,
        isReadOnly: Bool = false,
        tell: @escaping @Sendable (String) -> Void
    ) {
        self.objects = objects
        self.key = SymmetricKey(data: SHA256.hash(data: Data(key.utf8)))
        self.isReadOnly = isReadOnly
        self.tell = tell
    }

    package func close() async { await objects.close() }

    // MARK: - Records

    /// The content of a record with a right MAC; `nil` for any other.
    package func read(_ record: SharedRecord) async -> Data? {
        guard let name = ObjectName(record.object) else { return nil }
        let objects = objects
        let sealed = await attempt(Self.patience) { try await objects.read(name, limit: SharedRecord.limit) }
        guard let sealed = sealed.flatMap(\.self) else { return nil }
        guard let content = record.open(sealed, with: key) else {
            say("shared store: `\(name)` is not signed with our key, and is not taken")
            return nil
        }
        return content
    }

    /// False where it could not be written.
    func write(_ content: Data, as record: SharedRecord) async -> Bool {
        guard !isReadOnly, let name = ObjectName(record.object) else { return false }
        let sealed = record.seal(content, with: key)
        let objects = objects
        return await attempt(Self.patience) { try await objects.write(sealed, as: name) } != nil
    }

    package func remove(_ record: SharedRecord) async {
        guard !isReadOnly, let name = ObjectName(record.object) else { return }
        let objects = objects
        _ = await attempt(Self.patience) { try await objects.remove(name) }
    }

    // MARK: - Marks

    /// More keys of one cache than anybody looks through.
    private static let mostMarks = 10_000

    /// Leaves an object that says no more than its name. False where it could not be written.
    func mark(_ name: ObjectName) async -> Bool {
        guard !isReadOnly else { return false }
        let objects = objects
        return await attempt(Self.patience) { try await objects.write(Data("\n".utf8), as: name) } != nil
    }

    /// Objects whose names begin so; none where that cannot be said in time.
    func list(_ prefix: String) async -> [ObjectPage.Entry] {
        let objects = objects
        return await attempt(Self.patience) { try await objects.listAll(prefix, limit: Self.mostMarks) } ?? []
    }

    // MARK: - Blobs

    /// Writes the bytes of a digest to a file that must not exist yet, every one checked. False, and no file, where the
    /// store does not have them.
    package func fetch(_ digest: Digest, bytes: Int64, to file: FilePath) async -> Bool {
        guard let name = Self.name(digest) else { return false }
        let packed = FilePath("\(file).zst")
        defer { unlink(packed.string) }
        let objects = objects
        // What zstd makes of bytes that it cannot make less of, and more.
        let limit = bytes + bytes / 64 + (64 << 10)
        let got = await attempt(Self.patience + .seconds(bytes / Self.slowest)) {
            try await objects.download(name, to: packed, limit: limit)
        }
        guard got == true else { return false }
        do {
            if try await BlockingCall.run({ try Self.expand(packed, to: file, limit: bytes) }) == digest { return true }
        } catch {
            // Told by its words below, as is a full disk by whoever writes next.
        }
        unlink(file.string)
        damaged.insert(digest)
        say("shared store: `\(name)` is damaged, and is not taken")
        return false
    }

    /// Whether the store has the bytes now. `packed` makes a file of them, compressed, when they are missing; `nil` where
    /// it cannot.
    package func put(
        _ digest: Digest,
        bytes: Int64,
        packed: @Sendable () async -> FilePath?
    ) async -> PutOutcome {
        guard !isReadOnly, let name = Self.name(digest) else { return .failed }
        let objects = objects
        if !damaged.contains(digest) {
            guard let size = await attempt(Self.patience, { try await objects.size(name) }) else { return .failed }
            if size != nil { return .there }
        }
        guard !isLeftOut else { return .failed }
        guard let file = await packed() else { return .gone }
        let sent: Void? = await attempt(Self.patience + .seconds(bytes / Self.slowest)) {
            try await objects.upload(file, as: name)
        }
        guard sent != nil else { return .failed }
        damaged.remove(digest)
        return .there
    }

    package enum PutOutcome: Sendable { case there, failed, gone }

    private static func name(_ digest: Digest) -> ObjectName? {
        ObjectName("blobs/\(digest.description.prefix(2))/\(digest).zst")
    }

    private static func expand(_ packed: FilePath, to file: FilePath, limit: Int64) throws -> Digest {
        let source = try checked("open", packed) { open(packed.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { Glibc.close(source) }
        let target = try checked("create", file) {
            open(file.string, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        }
        defer { Glibc.close(target) }
        return try Zstandard.expand(source, to: target, name: packed, limit: limit).digest
    }

    // MARK: - Failing

    /// `nil` where it failed or was not tried.
    private func attempt<T: Sendable>(
        _ limit: Duration,
        _ work: @escaping @Sendable () async throws -> T
    ) async -> T? {
        guard !isLeftOut else { return nil }
        do {
            let value = try await Deadline.run(limit, work)
            failures = 0
            return value
        } catch ObjectFailure.tooLarge(let what) {
            say("shared store: \(what) is larger than it may be, and is not taken")
            return nil
        } catch is CancellationError {
            // Whoever waited has given up: it says nothing about the store.
            return nil
        } catch {
            failures += 1
            if failures >= Self.failuresToLeave, !isLeftOut {
                isLeftOut = true
                say("shared store left out: \(error)")
            }
            return nil
        }
    }

    private func say(_ words: String) {
        if told.insert(words).inserted { tell(words) }
    }
}
