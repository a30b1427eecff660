extension IncrementalProject {
    /// C by GNU make, which compares times. It says each command that it runs.
    static let make = IncrementalProject(
        name: "make",
        work: { output("-o", of: $0) },
        builds: [
            Build(name: "first", does: ["main.o", "sum.o", "words.o", "app"], prints: "sum 3"),
            Build(
                name: "a file changed",
                change: "sed -i s/sum/total/ src/words.c; git commit -qam total",
                does: ["words.o", "app"],
                prints: "total 3"
            ),
            Build(name: "an older commit", arguments: ["--ref", "base"], does: ["words.o", "app"], prints: "sum 3"),
            Build(name: "the newer one", does: ["words.o", "app"], prints: "total 3"),
            Build(
                name: "a branch that diverged",
                change: "git checkout -q -b other base; sed -i s/sum/plus/ src/words.c; git commit -qam plus",
                does: ["words.o", "app"],
                prints: "plus 3"
            ),
            Build(
                name: "a header changed",
                change: "sed -i 's/LEFT 1/LEFT 5/' src/sum.h; git commit -qam five",
                does: ["main.o", "sum.o", "app"],
                prints: "plus 7"
            ),
            Build(
                name: "only white space changed",
                change: "sed -i 's/{ return/{  return/' src/sum.c; git commit -qam space",
                does: ["sum.o", "app"],
                prints: "plus 7"
            ),
            Build(
                name: "a file was renamed",
                change: "git mv src/words.c src/phrase.c; git commit -qm rename",
                does: ["phrase.o", "app"],
                prints: "plus 7"
            ),
            Build(
                name: "a file was deleted",
                change: """
                    git rm -q src/sum.c
                    sed -i 's/^int sum.*/static inline int sum(int left, int right) { return left * right; }/' src/sum.h
                    git commit -qam inline
                    """,
                does: ["main.o", "app"],
                prints: "plus 10"
            ),
            Build(
                name: "changed and changed back",
                change: """
                    sed -i s/plus/minus/ src/phrase.c; git commit -qam minus
                    sed -i s/minus/plus/ src/phrase.c; git commit -qam plus
                    """,
                does: [],
                prints: "plus 10"
            ),
            Build(
                name: "it does not compile",
                change: "sed -i s/return/retrun/ src/phrase.c; git commit -qam broken",
                does: ["phrase.o"],
                prints: nil
            ),
            Build(
                name: "mended",
                change: "sed -i 's/retrun \"plus/return \"times/' src/phrase.c; git commit -qam times",
                does: ["phrase.o", "app"],
                prints: "times 10"
            ),
            Build(
                name: "all the way back",
                arguments: ["--ref", "base"],
                does: ["main.o", "sum.o", "words.o", "app"],
                prints: "sum 3"
            ),
        ]
    )
}
