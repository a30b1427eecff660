import RunnerCore
import RunnerExecution
import Testing

@Suite struct GroupLimitTests {
    struct Row: Sendable {
        let resources: Resources
        let first: [String]
        let second: [String]
    }

    static let rows = [
        Row(resources: Resources(), first: [], second: []),
        Row(resources: Resources(disk: 1 << 30), first: [], second: []),
        Row(
            resources: Resources(memory: 64 << 20),
            first: ["memory.limit_in_bytes=67108864", "memory.memsw.limit_in_bytes=67108864 if there"],
            second: ["memory.max=67108864", "memory.swap.max=0 if there"]
        ),
        Row(
            resources: Resources(cpu: 0.5),
            first: ["cpu.cfs_period_us=100000", "cpu.cfs_quota_us=50000"],
            second: ["cpu.max=50000 100000"]
        ),
        Row(
            resources: Resources(cpu: 0.001),
            first: ["cpu.cfs_period_us=100000", "cpu.cfs_quota_us=1000"],
            second: ["cpu.max=1000 100000"]
        ),
        Row(resources: Resources(pids: 50), first: ["pids.max=50"], second: ["pids.max=50"]),
    ]

    private func text(_ limits: [GroupLimit]) -> [String] {
        limits.flatMap(\.settings).map { "\($0.file)=\($0.value)\($0.isOptional ? " if there" : "")" }
    }

    @Test(arguments: rows) func `each resource has its files in both interfaces`(row: Row) {
        #expect(text(GroupLimit.all(row.resources, .first)) == row.first)
        #expect(text(GroupLimit.all(row.resources, .second)) == row.second)
    }

    @Test(arguments: [GroupLimit.Interface.first, .second]) func `memory comes first, for it kills`(
        interface: GroupLimit.Interface
    ) {
        let limits = GroupLimit.all(Resources(cpu: 1, memory: 512 << 20, pids: 9), interface)
        #expect(limits.map(\.controller) == [.memory, .cpu, .pids])
        #expect(limits.map(\.words) == ["killed: memory limit 512 MiB", "", "no more processes: pids limit 9"])
    }

    @Test func `hits are counted where each interface counts them`() {
        let resources = Resources(cpu: 1, memory: 512 << 20, pids: 9)
        let counters = [GroupLimit.Interface.first, .second].map { interface in
            GroupLimit.all(resources, interface).map { $0.counter.map { "\($0.file) \($0.key)" } ?? "none" }
        }
        #expect(counters[0] == ["memory.oom_control oom_kill", "none", "pids.events max"])
        #expect(counters[1] == ["memory.events oom_kill", "none", "pids.events max"])
    }
}
