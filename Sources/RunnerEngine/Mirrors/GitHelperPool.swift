import Glibc
package import RunnerCore
import RunnerExecution
import RunnerStore
package import SystemPackage

/// Speaks with remotes through helper processes, which can be killed: a library that waits for a silent host cannot.
package actor GitHelperPool {
    /// How much the pool allows itself, and remotes.
    package struct Limits: Sendable {
        /// Helpers at once; further calls wait for their turn.
        package var processes = 4
        /// For a listing.
        package var list: Duration = .seconds(20)
        /// For a fetch in which nothing comes.
        package var silence: Duration = .seconds(60)
        /// For a whole fetch.
        package var fetch: Duration = .seconds(30 * 60)
        /// How long a helper without work is kept.
        package var idle: Duration = .seconds(10)

        package init() {}
    }

    private struct Idle {
        var helper: HelperProcess
        var since: ContinuousClock.Instant
    }

    private let program: FilePath?
    private let limits: Limits
    private var working = 0
    private var waiting: [(id: Int, turn: CheckedContinuation<Void, any Error>)] = []
    private var lastID = 0
    /// The longest idle first.
    private var idle: [Idle] = []
    /// Ends idle helpers; itself ends when there are none.
    private var sweep: Task<Void, Never>?

    /// - Parameter program: the runner, where it is not this very program.
    package init(program: FilePath? = nil, limits: Limits = Limits()) {
        self.program = program
        self.limits = limits
    }

    /// The helpers that wait for work, for tests.
    package var idleProcesses: [Int32] { idle.map(\.helper.pid) }

    /// Asks a remote for its branches and tags.
    package func list(_ repository: RepositoryDefinition) async throws -> RemoteListingAnswer {
        let patience = HelperProcess.Patience(silence: limits.list, total: limits.list)
        let request = GitHelperRequest(repository: repository, errand: .list)
        guard case .listed(let listing) = try await perform(request, patience) else {
            throw HelperTrouble.unexpected(request).error
        }
        return RemoteListingAnswer(
            refs: RefSnapshot(listing.refs),
            defaultBranch: listing.defaultBranch,
            transport: listing.transport,
            because: listing.because
        )
    }

    /// Fetches exactly the refspecs into the bare repository at `mirror`.
    /// - Parameters:
    ///   - isInitial: whether all of it is to come, where libgit2 is as fast as git for any number of objects.
    ///   - prune: whether refs go that the remote no longer has.
    package func fetch(
        _ repository: RepositoryDefinition,
        into mirror: FilePath,
        refspecs: [String],
        isInitial: Bool,
        prune: Bool = false
    ) async throws -> FetchAnswer {
        let patience = HelperProcess.Patience(silence: limits.silence, total: limits.fetch)
        let request = GitHelperRequest(
            repository: repository,
            errand: .fetch(mirror: mirror.string, refspecs: refspecs, isInitial: isInitial, prune: prune)
        )
        guard case .fetched(let answer) = try await perform(request, patience) else {
            throw HelperTrouble.unexpected(request).error
        }
        return answer
    }

    /// Ends all idle helpers, now. A later call starts new ones.
    package func close() {
        sweep?.cancel()
        idle = []
    }
}

// MARK: - One errand

extension GitHelperPool {
    private func perform(_ request: GitHelperRequest, _ patience: HelperProcess.Patience) async throws -> GitHelperReply
    {
        try await takeTurn()
        defer { giveTurn() }
        let line = try request.line()
        let isFresh = idle.isEmpty
        let answer = try await ask(line, patience)
        switch answer {
        case .reply(.failed(let failure)): throw failure.error
        case .reply(let reply): return reply
        case .late(let time): throw HelperTrouble.late(request, time).error
        case .gone:
            try Task.checkCancellation()
            // One that was kept may have been ended by anybody meanwhile.
            guard !isFresh else { throw HelperTrouble.gone(request).error }
            idle = []
            guard case .reply(let reply) = try await ask(line, patience) else {
                throw HelperTrouble.gone(request).error
            }
            if case .failed(let failure) = reply { throw failure.error }
            return reply
        }
    }

    private func ask(_ line: [UInt8], _ patience: HelperProcess.Patience) async throws -> HelperProcess.Answer {
        let helper = try idle.popLast()?.helper ?? HelperProcess(program: program ?? Programs.own())
        let answer = await withTaskCancellationHandler {
            await BlockingThread.run { helper.ask(line, patience) }
        } onCancel: {
            helper.kill()
        }
        if case .reply = answer, !Task.isCancelled { keep(helper) } else { helper.kill() }
        return answer
    }

    private func keep(_ helper: HelperProcess) {
        idle.append(Idle(helper: helper, since: .now))
        if sweep == nil { sweep = Task { await endIdleHelpers() } }
    }

    private func endIdleHelpers() async {
        while let oldest = idle.first {
            // Canceled: nobody needs them any more.
            try? await Task.sleep(until: oldest.since + limits.idle, clock: .continuous)
            idle.removeAll { Task.isCancelled || $0.since + limits.idle <= .now }
        }
        sweep = nil
    }
}

// MARK: - Turns

extension GitHelperPool {
    private func takeTurn() async throws {
        if working < limits.processes {
            working += 1
            return
        }
        lastID += 1
        let id = lastID
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (turn: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    turn.resume(throwing: CancellationError())
                } else {
                    waiting.append((id, turn))
                }
            }
        } onCancel: {
            // The handler is not on the actor; the task ends with this one message.
            Task { await leave(id) }
        }
    }

    private func leave(_ id: Int) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).turn.resume(throwing: CancellationError())
    }

    /// Hands the turn to who waits longest.
    private func giveTurn() {
        if waiting.isEmpty { working -= 1 } else { waiting.removeFirst().turn.resume() }
    }
}

/// A helper that gave no answer.
private enum HelperTrouble {
    case late(GitHelperRequest, Duration)
    case gone(GitHelperRequest)
    case unexpected(GitHelperRequest)

    var error: RunnerError {
        switch self {
        case .late(let request, let time):
            RunnerError(
                .errored,
                request.what,
                why: "no answer from \(request.repository.url.quoted) within \(time.components.seconds) s",
                hint: "look whether the host answers: git ls-remote \(request.repository.url)"
            )
        case .gone(let request):
            RunnerError(.errored, request.what, why: "the process that speaks with the remote ended without an answer")
        case .unexpected(let request):
            RunnerError(.errored, request.what, why: "the process that speaks with the remote answered something else")
        }
    }
}

extension GitHelperRequest {
    /// What cannot be done when this fails.
    var what: String {
        switch errand {
        case .list: "cannot list the refs of \(repository.name.quoted)"
        case .fetch: "cannot fetch \(repository.name.quoted)"
        }
    }
}
