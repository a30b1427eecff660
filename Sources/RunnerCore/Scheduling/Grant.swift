/// A share of the machine: how many stages a run may have at a time, and what they may declare together.
package struct Grant: Sendable, Hashable, Codable {
    package var slots: Int
    /// In processors.
    package var cpu: Double
    /// In bytes; 0 where the stages declare none.
    package var memory: Int64

    package init(slots: Int, cpu: Double, memory: Int64) {
        self.slots = slots
        self.cpu = cpu
        self.memory = memory
    }

    package static let nothing = Grant(slots: 0, cpu: 0, memory: 0)

    /// What one slot of it takes, on the average.
    var perSlot: Grant {
        guard slots > 1 else { return self }
        return Grant(slots: 1, cpu: cpu / Double(slots), memory: memory / Int64(slots))
    }

    /// Whether it fits into what is left. Sums of fractions are a little off.
    package func fits(into left: Grant) -> Bool {
        slots <= left.slots && cpu <= left.cpu + 0.000_001 && memory <= left.memory
    }

    package static func + (left: Grant, right: Grant) -> Grant {
        Grant(slots: left.slots + right.slots, cpu: left.cpu + right.cpu, memory: left.memory &+ right.memory)
    }

    package static func - (left: Grant, right: Grant) -> Grant {
        Grant(slots: left.slots - right.slots, cpu: left.cpu - right.cpu, memory: left.memory &- right.memory)
    }

    /// The larger of each.
    package func orMore(_ other: Grant) -> Grant {
        Grant(slots: max(slots, other.slots), cpu: max(cpu, other.cpu), memory: max(memory, other.memory))
    }
}

extension Plan {
    /// What the stages that start at once would take together.
    package var initialDemand: Grant {
        let first = stages.filter(\.needs.isEmpty)
        guard !first.isEmpty else { return Grant(slots: 1, cpu: 1, memory: 0) }
        return first.reduce(.nothing) { sum, stage in
            let resources = stage.definition.resources
            return sum + Grant(slots: 1, cpu: resources.cpu ?? 1, memory: resources.memory ?? 0)
        }
    }
}
