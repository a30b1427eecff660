import Glibc
import RunnerStore
package import SystemPackage

/// Where on this machine control groups may be made by us.
package struct ControlGroupTree: Sendable, Hashable {
    package let interface: GroupLimit.Interface
    /// Directories that groups are made in.
    package let places: [GroupLimit.Controller: FilePath]

    /// Looks at the machine. `membership` is the text of `/proc/self/cgroup`.
    package init(root: FilePath = "/sys/fs/cgroup", membership: String = Self.ownMembership) {
        if FileSystem.exists(root.appending("cgroup.controllers")) {
            interface = .second
            places = Self.second(root, membership)
        } else {
            interface = .first
            places = Self.first(root, membership)
        }
    }

    package static var ownMembership: String { text("/proc/self/cgroup") }

    /// One tree. A group that hands controllers on may hold no processes itself, so groups for stages are made beside
    /// ours, in a parent that was given to us and hands them on.
    private static func second(_ root: FilePath, _ membership: String) -> [GroupLimit.Controller: FilePath] {
        guard let line = membership.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else { return [:] }
        let own = root.pushing(FilePath(String(line.dropFirst(4))))
        let parent = own.removingLastComponent()
        guard own != root, parent != root else { return [:] }
        let files = [parent, parent.appending("cgroup.procs"), parent.appending("cgroup.subtree_control")]
        guard files.allSatisfy({ access($0.string, W_OK) == 0 }), isWritable(parent) else { return [:] }
        let handed = text(parent.appending("cgroup.subtree_control")).split(whereSeparator: \.isWhitespace)
        let controllers = GroupLimit.Controller.allCases.filter { handed.contains(Substring($0.rawValue)) }
        return Dictionary(uniqueKeysWithValues: controllers.map { ($0, parent) })
    }

    /// A tree for each controller, which only root may divide.
    private static func first(_ root: FilePath, _ membership: String) -> [GroupLimit.Controller: FilePath] {
        var places: [GroupLimit.Controller: FilePath] = [:]
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let mount = root.appending(String(fields[1]))
            // In a container the path may be the machine's, and the mount only our part of it.
            let group = mount.pushing(FilePath(String(fields[2].dropFirst())))
            let place = FileSystem.isDirectory(group) ? group : mount
            guard FileSystem.isDirectory(place), access(place.string, W_OK) == 0, isWritable(place) else { continue }
            for name in fields[1].split(separator: ",") {
                if let controller = GroupLimit.Controller(rawValue: String(name)) { places[controller] = place }
            }
        }
        return places
    }

    /// `access` knows nothing of read-only mounts inside containers for root.
    private static func isWritable(_ directory: FilePath) -> Bool {
        var status = statvfs()
        return statvfs(directory.string, &status) == 0 && status.f_flag & UInt(ST_RDONLY) == 0
    }

    private static func text(_ path: FilePath) -> String {
        // `try?`: what cannot be read offers nothing.
        guard let data = try? FileSystem.read(path) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }
}
