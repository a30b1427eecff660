import Glibc
package import RunnerCore
package import SystemPackage

/// What may be asked of a supervisor while it runs.
package enum SupervisorCommand: Sendable, Hashable {
    /// End the stages in order (SIGTERM, grace, SIGKILL), then run `finally`.
    case cancel
    /// End everything now, `finally` too.
    case kill
    /// The answer for a stage that waits for a deployment lies in its directory.
    case deployed
    /// From now on the stages may take this together.
    case grant(RunGrant)
}

/// How commands are named: `cancel`, `kill`, `deployed`, `SLOTS-MILLICPU-MEMORYBYTES.grant`, where 0 processors or bytes are no limit.
extension SupervisorCommand {
    package var name: String {
        switch self {
        case .cancel: "cancel"
        case .kill: "kill"
        case .deployed: "deployed"
        case .grant(let grant): "\(grant.slots)-\(Self.milliCPU(grant.cpu))-\(grant.memory ?? 0).grant"
        }
    }

    /// `nil` for a name that means nothing.
    package init?(name: some StringProtocol) {
        switch name {
        case "cancel": self = .cancel
        case "kill": self = .kill
        case "deployed": self = .deployed
        default:
            let parts = name.split(separator: ".")
            guard parts.count == 2, parts[1] == "grant" else { return nil }
            let numbers = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) ?? -1 }
            guard numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
            self = .grant(
                RunGrant(
                    slots: Int(numbers[0]),
                    cpu: numbers[1] == 0 ? nil : Double(numbers[1]) / 1000,
                    memory: numbers[2] == 0 ? nil : numbers[2]
                )
            )
        }
    }

    /// At least one: less would be no limit.
    private static func milliCPU(_ cpu: Double?) -> Int64 {
        cpu.map { max(1, Int64(($0 * 1000).rounded(.toNearestOrAwayFromZero))) } ?? 0
    }
}

/// A directory of commands. Each is an empty file `UNIQUE.COMMAND`, put there by rename, so that none is lost: a full disk
/// has no room for a byte, but mostly for a name.
package struct Inbox: Sendable {
    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    package func send(_ command: SupervisorCommand) throws(SystemFailure) {
        let name = "\(Self.moment())-\(UniqueName.make())"
        let aside = path.appending(".\(name)")
        let fd = try checked("create", aside) { open(aside.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
        close(fd)
        do {
            // Whoever watches the directory is told of renames.
            try FileSystem.rename(aside, to: path.appending("\(name).\(command.name)"))
        } catch {
            unlink(aside.cString)
            throw error
        }
    }

    /// So that names sort by the time of sending: of two grants the later one holds. No supervisor outlives the boot.
    private static func moment() -> String {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let digits = String(UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// Takes out what is there, in the order of sending; what cannot be understood is taken out too and returned by its name.
    package func receive() throws(SystemFailure) -> [Result<SupervisorCommand, UnknownCommand>] {
        var commands: [Result<SupervisorCommand, UnknownCommand>] = []
        for name in FileSystem.names(in: path) where !name.hasPrefix(".") {
            let command = name.firstIndex(of: ".").flatMap { SupervisorCommand(name: name[name.index(after: $0)...]) }
            commands.append(command.map { .success($0) } ?? .failure(UnknownCommand(name: name)))
            try TreeRemoval.remove(path.appending(name))
        }
        return commands
    }

    package struct UnknownCommand: Error, Sendable, Hashable {
        package let name: String
    }
}
