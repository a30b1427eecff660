import FoundationEssentials
import Glibc
package import RunnerCore
import SystemPackage

/// Outcomes that other machines left, and ours for them.
extension ReuseStore {
    /// Brings the outcome of a key from the shared store, with everything that belongs to it, and keeps it as one of this
    /// machine's. `nil` where there is none that a run of that trust may take, or where anything of it is missing.
    package func fetch(_ key: Digest, for trust: RefTrust, from store: SharedStore) async throws -> OutcomeRecord? {
        for level in trust.readable {
            guard let content = await store.read(SharedRecord(.outcome, level, key)),
                // A record of a newer runner, say: not for this one.
                let record = try? JSON.decode(OutcomeRecord.self, from: content),
                record.key == key, record.trust == level, record.version == OutcomeRecord.currentVersion, record.isSafe,
                record.origin != nil
            else { continue }
            guard try await bringFiles(of: record, from: store) else { continue }
            try publish(record)
            return record
        }
        return nil
    }

    private func bringFiles(of record: OutcomeRecord, from store: SharedStore) async throws -> Bool {
        for file in record.files where !blobs.contains(file.digest) {
            let aside = try blobs.aside()
            guard await store.fetch(file.digest, bytes: file.bytes, to: aside) else { return false }
            defer { unlink(aside.string) }
            _ = try blobs.put(aside)
        }
        let artifacts = ArtifactStore(state.artifacts)
        for reference in record.result.artifacts where try await !artifacts.fetch(reference, from: store) {
            return false
        }
        return true
    }

    /// Writes down that an outcome is to be sent to the shared store.
    package func share(_ key: Digest, of trust: RefTrust, origin: String) throws {
        guard var record = try find(key, at: trust) else { return }
        record.origin = record.origin ?? origin
        var blobs = record.files.map { Outbox.Entry.Blob(digest: $0.digest, bytes: $0.bytes) }
        let artifacts = ArtifactStore(state.artifacts)
        for reference in record.result.artifacts { blobs += try artifacts.parts(of: reference) }
        let entry = Outbox.Entry(
            record: SharedRecord(.outcome, trust, key),
            content: try JSON.encode(record),
            blobs: blobs
        )
        try Outbox(state).add(entry)
    }
}
