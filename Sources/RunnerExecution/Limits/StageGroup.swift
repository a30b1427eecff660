import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// The control groups of one stage: all its steps and services together are held to its `resources`.
struct StageGroup: Sendable {
    private struct Member {
        let limit: GroupLimit
        /// Below the one that has the limit: with a namespace of its own, a step can write to the group that it is in.
        let group: ControlGroup
        var limiting: FilePath { group.path.removingLastComponent() }
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
            let path = place.appending(name)
            let group = ControlGroup(path: path.appending("inside"), outside: Self.outside(place, tree.interface))
            do {
                try Self.make(path, limit.settings)
                _ = try FileSystem.makeDirectory(group.path)
                members.append(Member(limit: limit, group: group))
            } catch {
                Self.remove(path)
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
            // Kernels differ in whether the group counts that was limited, or the one that has the limit.
            hits[member.limit.controller] = [member.group.path, member.limiting].reduce(0) { sum, path in
                sum + Self.count(counter.key, in: path.appending(counter.file))
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
        for path in Set(members.map(\.limiting)) {
            for _ in 0..<200 where !Self.remove(path) { usleep(1_000) }
        }
    }

    /// With the groups that a step may have made below. False while something is in one of them.
    @discardableResult
    private static func remove(_ path: FilePath) -> Bool {
        if rmdir(path.string) == 0 || errno == ENOENT { return true }
        for name in FileSystem.names(in: path) where FileSystem.isDirectory(path.appending(name)) {
            remove(path.appending(name))
        }
        return rmdir(path.string) == 0
    }

    private static func count(_ key: String, in file: FilePath) -> Int {
        // `try?`: what cannot be read has told nothing.
        let data = (try? FileSystem.read(file)).flatMap { $0 } ?? Data()
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        return lines.first { $0.count == 2 && $0[0] == key }.flatMap { Int($0[1]) } ?? 0
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
            if !SupervisorHolder.isRunning(pid, startedAt: start) { remove(place.appending(name)) }
        }
    }
}
