package import RunnerCore

/// A limit as the kernel takes it: which files of a control group get which values, and which count what hits it.
package struct GroupLimit: Sendable, Hashable {
    package enum Controller: String, Sendable, Hashable, CaseIterable {
        case memory, cpu, pids
    }

    /// The two interfaces of the kernel: a tree for each controller, or one for all.
    package enum Interface: Sendable, Hashable {
        case first, second
    }

    package struct Setting: Sendable, Hashable {
        package let file: String
        package let value: String
        /// Kernels that do not count swap lack its file.
        package let isOptional: Bool

        package init(_ file: String, _ value: String, isOptional: Bool = false) {
            self.file = file
            self.value = value
            self.isOptional = isOptional
        }
    }

    /// A line `KEY COUNT` of a file, which grows each time that the limit was hit.
    package struct Counter: Sendable, Hashable {
        package let file: String
        package let key: String
    }

    package let controller: Controller
    package let settings: [Setting]
    /// `nil` where being limited is no failure: a slower processor.
    package let counter: Counter?
    /// What a step that hit it is told.
    package let words: String

    /// Those of a stage, in a fixed order. Disk is no matter of control groups.
    package static func all(_ resources: Resources, _ interface: Interface) -> [GroupLimit] {
        [
            resources.memory.map { memory($0, interface) }, resources.cpu.map { cpu($0, interface) },
            resources.pids.map { pids($0) },
        ].compactMap { $0 }
    }

    private static func memory(_ bytes: Int64, _ interface: Interface) -> GroupLimit {
        // Without the limit of both together, what is over it would go to swap.
        let settings =
            switch interface {
            case .first:
                [
                    Setting("memory.limit_in_bytes", "\(bytes)"),
                    Setting("memory.memsw.limit_in_bytes", "\(bytes)", isOptional: true),
                ]
            case .second: [Setting("memory.max", "\(bytes)"), Setting("memory.swap.max", "0", isOptional: true)]
            }
        let file = interface == .first ? "memory.oom_control" : "memory.events"
        return GroupLimit(
            controller: .memory,
            settings: settings,
            counter: Counter(file: file, key: "oom_kill"),
            words: "killed: memory limit \(ByteCount.words(bytes))"
        )
    }

    /// Microseconds in which the processors are handed out: the kernel's own default.
    private static let period = 100_000

    private static func cpu(_ processors: Double, _ interface: Interface) -> GroupLimit {
        // Less than a millisecond is refused by the kernel.
        let quota = max(1_000, Int((processors * Double(period)).rounded()))
        let settings =
            switch interface {
            case .first: [Setting("cpu.cfs_period_us", "\(period)"), Setting("cpu.cfs_quota_us", "\(quota)")]
            case .second: [Setting("cpu.max", "\(quota) \(period)")]
            }
        return GroupLimit(controller: .cpu, settings: settings, counter: nil, words: "")
    }

    private static func pids(_ count: Int) -> GroupLimit {
        GroupLimit(
            controller: .pids,
            settings: [Setting("pids.max", "\(count)")],
            counter: Counter(file: "pids.events", key: "max"),
            words: "no more processes: pids limit \(count)"
        )
    }
}
