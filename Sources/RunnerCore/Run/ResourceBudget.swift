/// What the running stages take together, and whether one more fits.
struct ResourceBudget: Sendable {
    var slots: Int
    var capacity: Resources
    private var running = 0
    private var cpu = 0.0
    private var memory: Int64 = 0
    private var disk: Int64 = 0

    init(slots: Int, capacity: Resources) {
        self.slots = slots
        self.capacity = capacity
    }

    /// Alone, everything fits that has a slot.
    func fits(_ resources: Resources) -> Bool {
        guard running > 0 else { return slots > 0 }
        // Sums of fractions are a little off: 10 times 0.1 is to fit into 1.
        let hasCPU = capacity.cpu.map { cpu + Self.cpu(resources) <= $0 + 0.000_001 } ?? true
        return running < slots && hasCPU
            && Self.fits(memory, resources.memory, into: capacity.memory)
            && Self.fits(disk, resources.disk, into: capacity.disk)
    }

    mutating func take(_ resources: Resources) {
        running += 1
        cpu += Self.cpu(resources)
        memory &+= resources.memory ?? 0
        disk &+= resources.disk ?? 0
    }

    mutating func release(_ resources: Resources) {
        running -= 1
        cpu = running == 0 ? 0 : cpu - Self.cpu(resources)
        memory &-= resources.memory ?? 0
        disk &-= resources.disk ?? 0
    }

    private static func cpu(_ resources: Resources) -> Double { resources.cpu ?? 1 }

    private static func fits(_ taken: Int64, _ more: Int64?, into limit: Int64?) -> Bool {
        guard let limit, let more else { return true }
        let (sum, isOver) = taken.addingReportingOverflow(more)
        return !isOver && sum <= limit
    }
}
