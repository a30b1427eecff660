import Glibc
import RunnerCore
import RunnerStore

/// What a run takes from other machines and leaves for them. None of it fails a stage.
struct Sharing: Sendable {
    let access: StoreAccess
    let state: StateDirectory
    let store: SharedStore
    let journal: Journal
    /// Something has been put into the outbox.
    private let wakes: AsyncStream<Void>
    let wake: AsyncStream<Void>.Continuation
    /// Ends when everything has been sent.
    private let ends: AsyncStream<Void>
    private let ended: AsyncStream<Void>.Continuation

    /// `nil` where the run shares nothing.
    init?(_ spec: RunSpec, state: StateDirectory, keys: StoreKeys?, journal: Journal) {
        guard let access = spec.store, let keys else { return nil }
        self.access = access
        self.state = state
        self.journal = journal
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (ends, ended) = AsyncStream.makeStream()
        store = SharedStore(access, keys) { words in journal.record(RunRecord(stage: nil, .note(words))) }
    }

    /// An outcome from elsewhere that is here now, with all that belongs to it.
    func fetch(_ key: Digest, for trust: RefTrust, _ stage: StageID) async -> OutcomeRecord? {
        do {
            guard let record = try await ReuseStore(state).fetch(key, for: trust, from: store) else { return nil }
            let words = "taken from the shared store: run \(record.run) of \(record.origin ?? "another machine")"
            journal.record(RunRecord(stage: stage, .note(words)))
            return record
        } catch {
            let words = "cannot take from the shared store: \(Failure.words(error, state: state))"
            journal.record(RunRecord(stage: stage, .note(words)))
            return nil
        }
    }

    /// Has an outcome sent, beside whatever goes on.
    func publish(_ key: Digest, of trust: RefTrust) throws {
        guard !access.isReadOnly else { return }
        try ReuseStore(state).share(key, of: trust, origin: Self.machine)
        wake.yield()
    }

    /// No other machine takes that outcome any more.
    func forget(_ record: OutcomeRecord) async {
        await store.remove(SharedRecord(.outcome, record.trust, record.key))
    }

    /// Sends what there is, also what an earlier run left, until `end` has been called and nothing is left.
    func send() async {
        let sender = OutboxSender(state, to: store)
        await sender.send()
        await sendCaches()
        for await _ in wakes {
            await sender.send()
            await sendCaches()
        }
        ended.finish()
    }

    /// Waits for what is still to be sent, as long as the configuration says.
    func end() async {
        wake.finish()
        await withTaskGroup(of: Void.self) { [ends, access] group in
            group.addTask { for await _ in ends {} }
            // Ends early when the other has: then there is nothing to wait for.
            group.addTask { try? await Task.sleep(for: access.wait) }
            await group.next()
            group.cancelAll()
        }
        let left = access.isReadOnly ? 0 : Outbox(state).names.count + Outbox(state).cacheNames.count
        if left > 0 {
            let words = "\(left) of the shared store's records are still to be sent: the next run does"
            journal.record(RunRecord(stage: nil, .note(words)))
        }
    }

    /// Gives up what is being sent.
    func close() async { await store.close() }

    /// As other machines are told of it.
    static let machine: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, 255) == 0 else { return "another machine" }
        return name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? "another machine"
    }()
}
