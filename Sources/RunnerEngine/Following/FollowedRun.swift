import CLinux
import Glibc
import RunnerStore

/// One run as a `RunWatch` knows it: how far it was read, and the process that writes.
final class FollowedRun {
    enum Supervisor {
        /// A descriptor that becomes readable at its end.
        case lives(Int32)
        /// Somebody holds the lock and has not said who it is.
        case isUnknown
        case isGone
    }

    let directory: RunDirectory
    private(set) var offset: Int64
    /// Waits to be read.
    var isDue = false
    /// Nobody writes any more.
    var isOver = false
    /// Of the last supervisor that was a child of ours.
    private(set) var status: Int32?

    private let reader: EventReader
    private var process: SupervisorProcess?
    private var holder: SupervisorHolder?
    private var pidfd: Int32 = -1

    init(_ directory: RunDirectory, offset: Int64) {
        self.directory = directory
        self.offset = offset
        reader = EventReader(directory)
    }

    deinit { closeDescriptor() }

    /// Takes a child of ours for the supervisor.
    func attach(_ process: SupervisorProcess) { self.process = process }

    func read() -> (records: [RunRecord], isAtEnd: Bool) {
        // A file that cannot be read now tells no more: what counts stands in the results.
        guard let batch = try? reader.read(from: offset) else { return ([], true) }
        offset = batch.offset
        return (batch.records, batch.isAtEnd)
    }

    /// The child that was attached, else who holds the lock. The number in the lock's file is only believed together with
    /// the start of the process, for numbers are reused.
    func findSupervisor() -> Supervisor {
        closeDescriptor()
        if let process {
            pidfd = runner_pidfd_open(process.pid)
            if pidfd >= 0 { return .lives(pidfd) }
            if pidfd != -ESRCH { return .isUnknown }
            end(of: process)
        }
        // Looked at first: who takes the lock after that is found the next time. One that cannot be looked at, too.
        let isHeld = (try? directory.isSupervised()) ?? true
        if let holder = directory.holder(), holder != self.holder {
            pidfd = runner_pidfd_open(holder.pid)
            if pidfd >= 0, holder.exists {
                self.holder = holder
                return .lives(pidfd)
            }
            closeDescriptor()
        }
        return isHeld ? .isUnknown : .isGone
    }

    /// Takes note of the supervisor's end; false where it has not ended.
    func reap() -> Bool {
        if let process {
            end(of: process)
        } else {
            var code: Int32 = 0
            let result = runner_reap(pidfd, &code)
            if result == -EAGAIN { return false }
            if result == 0 { status = code }
        }
        closeDescriptor()
        return true
    }

    private func end(of process: SupervisorProcess) {
        status = process.wait()
        self.process = nil
    }

    private func closeDescriptor() {
        if pidfd >= 0 { close(pidfd) }
        pidfd = -1
    }
}
