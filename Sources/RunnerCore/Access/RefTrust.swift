/// How far whoever can move a ref is trusted. What a ref's runs leave in stores is taken by runs of refs that are trusted
/// as much or less, never by others: nobody brings bytes into a release by pushing a branch.
package enum RefTrust: String, Sendable, Hashable, Codable, Comparable, CaseIterable {
    /// Whoever may push at all.
    case ordinary
    /// Refs that the server's file names as protected.
    case protected

    package static func < (left: RefTrust, right: RefTrust) -> Bool { left.rank < right.rank }

    /// Whose leavings a run of this trust may take, the most trusted first.
    package var readable: [RefTrust] { Self.allCases.filter { $0 >= self }.sorted(by: >) }

    private var rank: Int {
        switch self {
        case .ordinary: 0
        case .protected: 1
        }
    }
}
