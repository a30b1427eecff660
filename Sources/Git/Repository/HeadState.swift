/// Where `HEAD` points. Branches are full names, as `refs/heads/develop`.
package enum HeadState: Sendable, Hashable {
    case branch(String, ObjectID)
    /// A branch that has no commit yet, as in a new repository.
    case unborn(String)
    case detached(ObjectID)

    /// The full name of the branch, unless detached.
    package var branch: String? {
        switch self {
        case .branch(let name, _), .unborn(let name): name
        case .detached: nil
        }
    }

    /// The commit, unless unborn.
    package var commit: ObjectID? {
        switch self {
        case .branch(_, let id), .detached(let id): id
        case .unborn: nil
        }
    }
}
