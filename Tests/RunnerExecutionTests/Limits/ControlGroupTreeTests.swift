import FoundationEssentials
import Glibc
import RunnerExecution
import SystemPackage
import Testing

/// Trees of plain directories in the shape of the kernel's.
@Suite struct ControlGroupTreeTests {
    private let root: FilePath

    init() throws {
        var template = Array("/tmp/runner-groups-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        root = FilePath(platformString: template)
    }

    private func make(_ files: [String: String]) throws {
        for (path, text) in files {
            let file = root.pushing(FilePath(path))
            try FileManager.default.createDirectory(
                atPath: file.removingLastComponent().string,
                withIntermediateDirectories: true
            )
            try text.write(toFile: file.string, atomically: false, encoding: .utf8)
        }
    }

    private func places(_ membership: String) -> [String: String] {
        defer { try? FileManager.default.removeItem(atPath: root.string) }
        let tree = ControlGroupTree(root: root, membership: membership)
        let pairs = tree.places.map { ($0.key.rawValue, String($0.value.string.dropFirst(root.string.count))) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test func `each controller of version 1 has a tree of its own`() throws {
        try make(["memory/a/b/tasks": "", "cpu,cpuacct/tasks": "", "pids/tasks": "", "freezer/tasks": ""])
        let found = places("4:memory:/a/b\n3:cpu,cpuacct:/elsewhere\n2:freezer:/\n1:pids:/\n0::/\n")
        // A path that is not there is the machine's, seen from a container.
        #expect(found == ["memory": "/memory/a/b", "cpu": "/cpu,cpuacct", "pids": "/pids"])
    }

    @Test func `a parent of version 2 hands on what it has`() throws {
        try make([
            "cgroup.controllers": "cpu memory pids", "s/runner/cgroup.procs": "",
            "s/runner/cgroup.subtree_control": "memory pids\n", "s/runner/daemon/cgroup.procs": "",
        ])
        #expect(places("0::/s/runner/daemon\n") == ["memory": "/s/runner", "pids": "/s/runner"])
    }

    @Test(arguments: ["0::/\n", "0::/daemon\n", "", "0::/s/runner/daemon\n"])
    func `nothing of version 2 is ours without such a parent`(membership: String) throws {
        try make(["cgroup.controllers": "cpu memory pids", "s/runner/daemon/cgroup.procs": ""])
        #expect(places(membership).isEmpty)
    }
}
