extension IncrementalProject {
    /// A file that GNU make makes of a folder: the folder's time says when a name came or went.
    static let folder = IncrementalProject(
        name: "folder",
        work: { output(">", of: $0) },
        builds: [
            Build(name: "first", does: ["names"], prints: "a b"),
            Build(
                name: "a file was added",
                change: "echo c > src/c; git add src; git commit -qm three",
                does: ["names"],
                prints: "a b c"
            ),
            Build(name: "an older commit", arguments: ["--ref", "base"], does: ["names"], prints: "a b"),
            Build(name: "the newer one", does: ["names"], prints: "a b c"),
            Build(
                name: "a file was deleted",
                change: "git rm -q src/b; git commit -qm two",
                does: ["names"],
                prints: "a c"
            ),
            Build(
                name: "a file was renamed",
                change: "git mv src/c src/d; git commit -qm rename",
                does: ["names"],
                prints: "a d"
            ),
            Build(
                name: "only what a file says changed",
                change: "echo more >> src/d; git commit -qam more",
                does: [],
                prints: "a d"
            ),
            Build(
                name: "added and deleted again",
                change: """
                    echo e > src/e; git add src; git commit -qm e
                    git rm -q src/e; git commit -qm 'no e'
                    """,
                does: [],
                prints: "a d"
            ),
            Build(name: "all the way back", arguments: ["--ref", "base"], does: ["names"], prints: "a b"),
        ]
    )
}
