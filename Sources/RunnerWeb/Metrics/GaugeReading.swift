import Glibc
import RunnerEngine
import RunnerStore
import SystemPackage

/// A number that is read when somebody asks.
struct GaugeReading: Sendable {
    enum Kind: String, Sendable {
        case gauge, counter
    }

    var name: String
    var help: String
    var kind: Kind = .gauge
    var values: [(labels: Labels, value: Double)]

    init(_ name: String, _ help: String, kind: Kind = .gauge, _ value: Double) {
        self.init(name, help, kind: kind, [([], value)])
    }

    init(_ name: String, _ help: String, kind: Kind = .gauge, _ values: [([(String, String)], Double)]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.values = values.map { (Labels($0.0), $0.1) }
    }
}

/// What the engine is doing.
enum EngineGauges {
    static func of(_ status: EngineStatus) -> [GaugeReading] {
        [
            GaugeReading("runner_info", "The runner's version.", [([("version", status.version)], 1)]),
            GaugeReading(
                "runner_runs",
                "Runs that have not ended, by status.",
                [
                    ([("status", "pending")], Double(status.pending)),
                    ([("status", "waiting")], Double(status.waiting)),
                    ([("status", "running")], Double(status.running)),
                ]
            ),
            GaugeReading("runner_slots", "Stages that may run at once.", Double(status.slots)),
            GaugeReading("runner_slots_used", "Stages that run now.", Double(status.usedSlots)),
            GaugeReading("runner_repositories", "Repositories that are watched.", Double(status.repositories)),
            GaugeReading(
                "runner_repositories_failing",
                "Repositories whose last look failed.",
                Double(status.problems)
            ),
            GaugeReading("runner_draining", "1 while no new run starts.", status.isDraining ? 1 : 0),
            GaugeReading(
                "runner_disk_free_bytes",
                "Free on the disk of the state directory.",
                Double(status.freeBytes)
            ),
        ]
    }
}

/// What the kernel says of this process.
enum ProcessGauges {
    static func read() -> [GaugeReading] {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let cpu = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return [
            GaugeReading("process_cpu_seconds_total", "Processor time of the daemon.", kind: .counter, cpu),
            GaugeReading("process_resident_memory_bytes", "Memory of the daemon.", residentBytes),
            GaugeReading(
                "process_open_fds",
                "Open descriptors of the daemon.",
                Double(FileSystem.names(in: "/proc/self/fd").count)
            ),
            GaugeReading("process_max_fds", "Descriptors that it may open.", Double(limit.rlim_cur)),
        ]
    }

    static var residentBytes: Double {
        // Nobody is helped by a scrape that fails for one number.
        guard let data = try? FileSystem.read("/proc/self/statm") else { return 0 }
        let pages = String(decoding: data, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Double($0) }
        return (pages ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
