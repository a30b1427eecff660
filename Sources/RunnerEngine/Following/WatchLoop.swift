import CLinux
import Dispatch
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// What the thread of a `RunWatch` does. Lives on that thread.
final class WatchLoop {
    /// What one call of the handler gets at most, but for the end of a batch.
    private static let bytesAtOnce: Int64 = 1 << 20
    /// Where the machine has no notification left to give, files are looked at so often.
    private static let pollingPause: Int32 = 200
    /// A supervisor that has its lock says at once who it is.
    private static let identityPause: Int32 = 20

    private let requests: WatchRequests
    private let handler: @Sendable ([RunWatch.Update]) async -> Void
    private let readable = Readable()
    private let changes: DirectoryChanges
    private var runs: [RunNumber: FollowedRun] = [:]
    /// With something to read, each once, the one that waits longest first.
    private var due: [RunNumber] = []
    /// Whose lock somebody holds that has not said who it is.
    private var unidentified: Set<RunNumber> = []

    init(_ requests: WatchRequests, _ handler: @escaping @Sendable ([RunWatch.Update]) async -> Void) {
        self.requests = requests
        self.handler = handler
        changes = DirectoryChanges()
        readable.add(requests.fd, as: .requests)
        readable.add(changes.fd, as: .changes)
    }

    func run() {
        while true {
            for event in readable.wait(milliseconds: pause) {
                switch event {
                case .requests: break
                case .changes: for number in changes.take() ?? Set(runs.keys) { look(at: number) }
                case .end(let number): supervisorEnded(number)
                }
            }
            guard let follows = requests.take() else { return }
            for follow in follows { begin(follow) }
            for number in unidentified { identify(number) }
            if changes.isIncomplete { for number in runs.keys { look(at: number) } }
            let updates = read()
            if !updates.isEmpty { deliver(updates) }
        }
    }

    /// How long nothing needs to be done, if nothing happens.
    private var pause: Int32 {
        if !due.isEmpty { return 0 }
        if !unidentified.isEmpty { return Self.identityPause }
        return changes.isIncomplete && !runs.isEmpty ? Self.pollingPause : -1
    }

    private func begin(_ follow: WatchRequests.Follow) {
        let number = follow.run.number
        guard runs[number] == nil else { return }
        // Before the first look, so that nothing falls between.
        changes.watch(follow.run)
        let run = FollowedRun(follow.run, offset: follow.offset)
        runs[number] = run
        if let process = follow.process { run.attach(process) }
        identify(number)
        look(at: number)
    }

    private func look(at number: RunNumber) {
        guard let run = runs[number], !run.isDue else { return }
        run.isDue = true
        due.append(number)
    }

    /// Finds the supervisor, or that there is none.
    private func identify(_ number: RunNumber) {
        unidentified.remove(number)
        guard let run = runs[number] else { return }
        switch run.findSupervisor() {
        case .lives(let pidfd): if !readable.add(pidfd, as: .end(number)) { unidentified.insert(number) }
        case .isUnknown: unidentified.insert(number)
        case .isGone:
            run.isOver = true
            look(at: number)
        }
    }

    /// A supervisor that came second has ended, too: another one may hold the lock.
    private func supervisorEnded(_ number: RunNumber) {
        guard let run = runs[number], run.reap() else { return }
        identify(number)
    }

    private func read() -> [RunWatch.Update] {
        var updates: [RunWatch.Update] = []
        var bytes: Int64 = 0
        while !due.isEmpty, bytes < Self.bytesAtOnce {
            let number = due.removeFirst()
            guard let run = runs[number] else { continue }
            run.isDue = false
            let start = run.offset
            let (records, isAtEnd) = run.read()
            bytes += run.offset - start
            if run.offset > start { updates.append(.records(number, records, offset: run.offset)) }
            if !isAtEnd {
                look(at: number)
            } else if run.isOver {
                updates.append(.ended(number, status: run.status))
                forget(number)
            }
        }
        return updates
    }

    private func forget(_ number: RunNumber) {
        guard let run = runs.removeValue(forKey: number) else { return }
        unidentified.remove(number)
        changes.forget(run.directory)
    }

    /// Waits for the handler, on a thread that may wait.
    private func deliver(_ updates: [RunWatch.Update]) {
        let done = DispatchSemaphore(value: 0)
        // Ends before this function does.
        Task { [handler] in
            await handler(updates)
            done.signal()
        }
        done.wait()
    }
}
