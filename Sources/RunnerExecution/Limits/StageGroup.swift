import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// The control groups of one stage: all its steps and services together are held to its `resources`.
struct StageGroup: Sendable {
    private struct Member {
        let limit: GroupLimit
        let group: ControlGroup
    }

    private let members: [Member]
    /// Names of `resources` that nothing holds the stage to here.
    let unenforced: [String]

    /// Groups by controller with the limits set; what cannot be limited is listed, and the stage runs nevertheless.
    init(_ resources: Resources, in tree: ControlGroupTree) {
        var members: [Member] = []
        var unenforced = resources.disk == nil ? [] : ["disk"]
        let name = Self.name()
        for limit in GroupLimit.all(resources, tree.interface) {
            guard let name, let place = tree.places[limit.controller] else {
                unenforced.append(limit.controller.rawValue)
                continue
            }
            Self.sweep(place)
            let group = ControlGroup(path: place.appending(name), outside: Self.outside(place, tree.interface))
            do {
                try Self.make(group.path, limit.settings)
                members.append(Member(limit: limit, group: group))
            } catch {
                rmdir(group.path.string)
                unenforced.append("\(limit.controller.rawValue) (\(error))")
            }
        }
        self.members = members
        self.unenforced = unenforced
    }

    var groups: [ControlGroup] {
        var groups: [ControlGroup] = []
        for member in members where !groups.contains(member.group) { groups.append(member.group) }
        return groups
    }

    /// How often each limit was hit so far, to compare with later.
    func hits() -> [GroupLimit.Controller: Int] {
        var hits: [GroupLimit.Controller: Int] = [:]
        for member in members {
            guard let counter = member.limit.counter else { continue }
            // `try?`: what cannot be read has told nothing.
            let data = (try? FileSystem.read(member.group.path.appending(counter.file))).flatMap { $0 } ?? Data()
            for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
                let fields = line.split(separator: " ")
                if fields.count == 2, fields[0] == counter.key { hits[member.limit.controller] = Int(fields[1]) }
            }
        }
        return hits
    }

    /// The limit that was hit since, in words; memory before all others, because it kills.
    func reached(since earlier: [GroupLimit.Controller: Int]) -> String? {
        let now = hits()
        return members.first { now[$0.limit.controller, default: 0] > earlier[$0.limit.controller, default: 0] }?
            .limit.words
    }

    /// Takes the groups away. What is still in one ends in a moment: its guard has waited for it.
    func remove() {
        for group in groups {
            for _ in 0..<200 where rmdir(group.path.string) != 0 && errno == EBUSY { usleep(1_000) }
        }
    }

    private static func make(_ path: FilePath, _ settings: [GroupLimit.Setting]) throws(SystemFailure) {
        _ = try FileSystem.makeDirectory(path)
        for setting in settings {
            let file = path.appending(setting.file)
            if setting.isOptional, !FileSystem.exists(file) { continue }
            let fd = try checked("open", file) { open(file.string, O_WRONLY | O_CLOEXEC) }
            defer { close(fd) }
            let bytes = Array(setting.value.utf8)
            if Glibc.write(fd, bytes, bytes.count) != bytes.count { throw SystemFailure("set limit", file) }
        }
    }

    /// Where we are ourselves.
    private static func outside(_ place: FilePath, _ interface: GroupLimit.Interface) -> FilePath {
        guard interface == .second else { return place }
        let line = ControlGroupTree.ownMembership.split(separator: "\n").first { $0.hasPrefix("0::") } ?? ""
        return FilePath(String(line)).lastComponent.map { place.appending($0) } ?? place
    }

    private static let prefix = "runner-stage"

    /// Says which process it belongs to, so that any other can see when it belongs to none.
    private static func name() -> String? {
        // `try?`: without it nothing could be swept, so nothing is made.
        guard let owner = try? SupervisorHolder.current() else { return nil }
        return "\(prefix)-\(owner.pid)-\(owner.startedAt)-\(UniqueName.make())"
    }

    /// Removes what supervisors left that were killed. The guards have ended what was in them.
    private static func sweep(_ place: FilePath) {
        for name in FileSystem.names(in: place) where name.hasPrefix("\(prefix)-") {
            let fields = name.split(separator: "-")
            guard fields.count == 5, let pid = Int32(fields[2]), let start = UInt64(fields[3]) else { continue }
            if !SupervisorHolder.isRunning(pid, startedAt: start) { rmdir(place.appending(name).string) }
        }
    }
}
