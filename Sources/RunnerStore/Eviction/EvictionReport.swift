package import RunnerCore
import SystemPackage

/// What was cleaned up, or would be.
package struct EvictionReport: Sendable, Codable {
    package struct Line: Sendable, Hashable, Codable {
        package var dataClass: ServerOptions.DataClass
        package var path: String
        package var bytes: Int64
        package var why: String

        init(_ verdict: EvictionPlan.Verdict) {
            dataClass = verdict.item.dataClass
            path = verdict.item.path.string
            bytes = verdict.item.bytes
            why = verdict.why
        }
    }

    /// What a class took before.
    package struct Total: Sendable, Hashable, Codable {
        package var dataClass: ServerOptions.DataClass
        package var items: Int
        package var bytes: Int64
    }

    package var isDryRun: Bool
    package var removed: [Line] = []
    /// What should have gone, and why it stays. What is within its budget is in the totals alone.
    package var kept: [Line] = []
    package var totals: [Total] = []
    /// Runs whose rows are gone: nothing needs to hold on to their commits.
    package var forgotten: [RunNumber] = []
    /// What the disk got back by compressing artifacts that nobody uses, in bytes.
    package var compressed: Int64 = 0
    /// What could not be removed, in words.
    package var problems: [String] = []

    package var removedBytes: Int64 { removed.reduce(0) { $0 + $1.bytes } }

    init(isDryRun: Bool) { self.isDryRun = isDryRun }
}
