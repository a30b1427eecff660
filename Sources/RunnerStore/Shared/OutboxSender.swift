import Glibc
import ObjectStorage
import SystemPackage

/// Sends what lies in the outbox: the blobs of a record first, then the record.
package struct OutboxSender: Sendable {
    private static let blobsAtOnce = 4

    private let outbox: Outbox
    private let store: SharedStore
    private let source: BlobSource

    package init(_ state: StateDirectory, to store: SharedStore) {
        outbox = Outbox(state)
        self.store = store
        source = BlobSource(state)
    }

    /// Sends everything that is there now. Stops where the store is left out; what could not be sent stays.
    package func send() async {
        guard !store.isReadOnly else { return }
        for name in outbox.names {
            if await store.isLeftOut || Task.isCancelled { return }
            // One that cannot be read now is looked at again by the next run.
            guard let entry = try? outbox.entry(name) else { continue }
            if await send(entry) { outbox.remove(name) }
        }
    }

    /// True where nothing is left to do about it.
    private func send(_ entry: Outbox.Entry) async -> Bool {
        let outcomes = await withTaskGroup(of: SharedStore.PutOutcome.self) { group in
            var outcomes: [SharedStore.PutOutcome] = []
            for (index, blob) in Set(entry.blobs).enumerated() {
                if index >= Self.blobsAtOnce, let outcome = await group.next() { outcomes.append(outcome) }
                group.addTask { await put(blob) }
            }
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        // Without its bytes a record is worth nothing: the work is done again, and sent then.
        if outcomes.contains(.gone) { return true }
        guard !outcomes.contains(.failed), !Task.isCancelled else { return false }
        return await store.write(entry.content, as: entry.record)
    }

    private func put(_ blob: Outbox.Entry.Blob) async -> SharedStore.PutOutcome {
        // Where there is no room to compress, another run may find it.
        guard let aside = try? outbox.aside() else { return .failed }
        defer { unlink(aside.string) }
        return await store.put(blob.digest, bytes: blob.bytes) {
            // As above.
            let packed = try? await BlockingCall.run { try source.packed(blob.digest, aside: aside) }
            return packed.flatMap(\.self)
        }
    }
}

/// Where this machine has the bytes of a digest.
struct BlobSource: Sendable {
    private let blobs: BlobStore
    private let artifacts: ArtifactStore

    init(_ state: StateDirectory) {
        blobs = BlobStore(state.blobs)
        artifacts = ArtifactStore(state.artifacts)
    }

    /// A file with the bytes, compressed: one that is kept so, or `aside`. `nil` where they are gone.
    func packed(_ digest: Digest, aside: FilePath) throws -> FilePath? {
        if blobs.contains(digest) { return blobs.path(digest) }
        for path in artifacts.files(of: digest) {
            let source = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard source >= 0 else { continue }
            defer { close(source) }
            let target = try checked("create", aside) {
                open(aside.string, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
            }
            defer { close(target) }
            // One that was changed on the disk is no source.
            if try Zstandard.compress(source, to: target, name: path).digest == digest { return aside }
        }
        return nil
    }
}
