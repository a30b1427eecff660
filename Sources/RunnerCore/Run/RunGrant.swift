/// What the running stages of a run may take together.
package struct RunGrant: Sendable, Hashable, Codable {
    /// Stages at a time. With none, nothing new starts.
    package var slots: Int
    /// Processors; `nil` is no limit.
    package var cpu: Double?
    /// Bytes; `nil` is no limit.
    package var memory: Int64?

    package init(slots: Int, cpu: Double? = nil, memory: Int64? = nil) {
        self.slots = slots
        self.cpu = cpu
        self.memory = memory
    }

    package var capacity: Resources { Resources(cpu: cpu, memory: memory) }
}

/// What a run could use now: its running stages, and those that only wait for room.
package struct RunDemand: Sendable, Hashable, Codable {
    package var slots = 0
    /// A stage that does not say how many processors it takes counts as one.
    package var cpu = 0.0
    /// Bytes that the stages declare.
    package var memory: Int64 = 0

    package init() {}

    mutating func add(_ resources: Resources) {
        slots += 1
        cpu += resources.cpu ?? 1
        memory &+= resources.memory ?? 0
    }
}
