package import FoundationEssentials
package import RunnerCore

/// Which runs a list shows. What is `nil` or empty does not narrow it.
package struct RunQuery: Sendable, Hashable {
    package var repository: String?
    package var pipeline: String?
    /// A full or a short name; `*` stands for any text.
    package var ref: String?
    package var outcomes: [Outcome] = []
    package var isOpen: Bool?
    package var since: Date?
    /// Where a page ends: `next` of the one before.
    package var before: Int64?
    /// 1 to 1000; the daemon's own limit where `nil`.
    package var limit: Int?

    package init() {}

    var query: Query {
        var query = Query()
            .adding("repository", repository).adding("pipeline", pipeline).adding("ref", ref)
            .adding("open", isOpen).adding("since", since.map(APIJSON.text))
            .adding("before", before).adding("limit", limit)
        for outcome in outcomes { query = query.adding("outcome", outcome.rawValue) }
        return query
    }
}
