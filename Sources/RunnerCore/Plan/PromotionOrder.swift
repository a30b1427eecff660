/// The order in which pipelines run that take artifacts of each other.
package enum PromotionOrder {
    /// Who gives before who takes; otherwise as they stand. Those that take from each other in a circle stay as they are.
    package static func sorted(_ plans: [Plan]) -> [Plan] {
        let names = Set(plans.map(\.pipeline))
        var rest = plans
        var sorted: [Plan] = []
        var done: Set<String> = []
        while !rest.isEmpty {
            let next = rest.firstIndex { plan in
                plan.neededArtifacts.allSatisfy { need in
                    need.pipeline == plan.pipeline || !names.contains(need.pipeline) || done.contains(need.pipeline)
                }
            }
            let plan = rest.remove(at: next ?? 0)
            done.insert(plan.pipeline)
            sorted.append(plan)
        }
        return sorted
    }
}
