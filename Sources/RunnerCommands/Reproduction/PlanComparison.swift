import FoundationEssentials
import RunnerCore
import RunnerStore

/// Where the plan of a run elsewhere and the plan made here differ: stage by stage, field by field, in words.
enum PlanComparison {
    static func differences(there: Plan, here: Plan) throws -> [String] {
        var found = try stages(there.stages, here.stages) + stages(there.finally, here.finally)
        for (name, left, right) in [
            ("inputs", try tree(there.inputs), try tree(here.inputs)), ("env", try tree(there.env), try tree(here.env)),
        ] {
            found += JSONTree.differences(left, right, at: [name]).map { words("plan", $0) }
        }
        if there.concurrencyGroup != here.concurrencyGroup {
            found.append(
                "plan: concurrency group is `\(there.concurrencyGroup ?? "")` there, `\(here.concurrencyGroup ?? "")` here"
            )
        }
        return found
    }

    private static func stages(_ there: [PlannedStage], _ here: [PlannedStage]) throws -> [String] {
        var found: [String] = []
        for stage in there {
            guard let own = here.first(where: { $0.id == stage.id }) else {
                found.append("stage `\(stage.id)`: is not planned here")
                continue
            }
            found += JSONTree.differences(try tree(stage), try tree(own)).map { words("stage `\(stage.id)`", $0) }
        }
        for stage in here where !there.contains(where: { $0.id == stage.id }) {
            found.append("stage `\(stage.id)`: was not planned there")
        }
        return found
    }

    private static func words(
        _ subject: String,
        _ difference: (path: [String], there: JSONTree, here: JSONTree)
    ) -> String {
        let path = difference.path.joined(separator: ".")
        return "\(subject): \(path) is \(difference.there) there, \(difference.here) here"
    }

    private static func tree(_ value: some Encodable) throws -> JSONTree {
        try JSON.decode(JSONTree.self, from: JSON.encode(value))
    }
}
