import RunnerCore
package import RunnerStore

/// What a stage could not do, in one line for its reason.
package enum Failure {
    /// Also gives the reserve back when the disk is full, so that the records of what happened can be written.
    package static func words(_ error: any Error, state: StateDirectory) -> String {
        switch error {
        case let failure as SystemFailure where failure.isDiskFull:
            DiskReserve(state.reserve).release()
            return "\(diskIsFull) (\(failure))"
        case let error as RunnerError:
            return [error.what, error.why, error.hint].compactMap { $0 }.joined(separator: ": ")
        case let error as ExpressionError: return error.message
        default: return "\(error)"
        }
    }

    /// Whose move it is: what a pipeline or a script got wrong is a failure of the stage, all else is ours.
    static func outcome(_ error: any Error) -> Outcome {
        switch error {
        case let error as RunnerError: error.kind == .input ? .failed : .errored
        case is ExpressionError: .failed
        default: .errored
        }
    }

    static let diskIsFull = "the disk is full"
}
