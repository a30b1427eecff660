/// What happened to a run: all that `RunProgress` takes in.
package enum StageChange: Sendable, Hashable {
    /// Something outside the run holds the stage; the reason in words. `next()` goes on to offer it.
    case waits(StageID, String)
    /// Somebody outside of the run does it, and says how it ended: the reason in words. Answered by `taken`.
    case handedOver(StageID, String)
    case started(StageID)
    case finished(StageID, Outcome, outputs: [String: String])
    /// It ended so in an earlier run, whose outcome stands for this one: at any time before it has started.
    case taken(StageID, Outcome, outputs: [String: String])
    /// As `Decision.skip` says.
    case skipped(StageID, String)
    /// As `Decision.refuse` says: it ends as `errored`.
    case refused(StageID, String)
    /// A person or a newer run wants an end; the reason in words. Running stages still report how they ended.
    case cancelRequested(String)
}

/// What the supervisor is to do now. Each is answered by the change of the same name.
package enum Decision: Sendable, Hashable {
    case start(StageID)
    case skip(StageID, String)
    /// Its condition has no value; the reason in words.
    case refuse(StageID, String)

    package var stage: StageID {
        switch self {
        case .start(let stage), .skip(let stage, _), .refuse(let stage, _): stage
        }
    }
}
