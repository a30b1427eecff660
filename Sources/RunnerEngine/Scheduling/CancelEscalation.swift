import Glibc
import Logging
import RunnerStore

/// Sees to it that a run which was asked to end does: first in order, then at once, then by force.
final class CancelEscalation: Sendable {
    private let task: Task<Void, Never>

    /// In order a run may take its stages' grace and its `finally`.
    private static let patience = Duration.seconds(600)
    /// After being killed, only writing down is left to do.
    private static let lastPatience = Duration.seconds(20)

    init(_ directory: RunDirectory, logger: Logger) {
        // Owned by this object, which cancels it when the run has ended.
        task = Task {
            do {
                try await Task.sleep(for: Self.patience)
                logger.warning("a canceled run goes on: killing it", metadata: ["run": "\(directory.number)"])
                try Inbox(directory.inbox).send(.kill)
                try await Task.sleep(for: Self.lastPatience)
                guard try directory.isSupervised(), let holder = directory.holder() else { return }
                logger.error("a killed run goes on: ending its supervisor", metadata: ["run": "\(directory.number)"])
                kill(holder.pid, SIGKILL)
            } catch {
                // Canceled, as the run has ended; or its directory is gone, and with it the run.
            }
        }
    }

    deinit { task.cancel() }
}
