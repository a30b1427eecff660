import RunnerCore
import RunnerStore

/// The runner's own failures in one line, for a stage's reason.
enum Failure {
    /// Also gives the reserve back when the disk is full, so that the records of what happened can be written.
    static func words(_ error: any Error, state: StateDirectory) -> String {
        switch error {
        case let failure as SystemFailure where failure.isDiskFull:
            DiskReserve(state.reserve).release()
            return "\(diskIsFull) (\(failure))"
        case let error as RunnerError: return [error.what, error.why, error.hint].compactMap { $0 }.joined(separator: ": ")
        case let error as ExpressionError: return error.message
        default: return "\(error)"
        }
    }

    static let diskIsFull = "the disk is full"
}
