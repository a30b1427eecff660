extension IncrementalProject {
    /// Rust by cargo: three packages, each of which is compiled as a whole. It says which are fresh and which are not.
    static let cargo = IncrementalProject(
        name: "cargo",
        work: { line in
            let words = line.split(separator: " ")
            return words.first == "Compiling" && words.count > 1 ? String(words[1]) : nil
        },
        builds: [
            Build(name: "first", does: ["sums", "words", "app"], prints: "sum 3"),
            Build(
                name: "a file changed",
                change: "sed -i s/sum/total/ words/src/lib.rs; git commit -qam total",
                does: ["words", "app"],
                prints: "total 3"
            ),
            Build(name: "an older commit", arguments: ["--ref", "base"], does: ["words", "app"], prints: "sum 3"),
            Build(name: "the newer one", does: ["words", "app"], prints: "total 3"),
            Build(
                name: "a branch that diverged",
                change: "git checkout -q -b other base; sed -i s/sum/plus/ words/src/lib.rs; git commit -qam plus",
                does: ["words", "app"],
                prints: "plus 3"
            ),
            Build(
                name: "a module changed",
                change: "sed -i 's/= 1/= 5/' sums/src/parts.rs; git commit -qam five",
                does: ["sums", "app"],
                prints: "plus 7"
            ),
            Build(
                name: "only white space changed",
                change: "sed -i 's/main() {/main()  {/' app/src/main.rs; git commit -qam space",
                does: ["app"],
                prints: "plus 7"
            ),
            Build(
                name: "a file was renamed",
                change: "mkdir sums/src/parts; git mv sums/src/parts.rs sums/src/parts/mod.rs; git commit -qm rename",
                does: ["sums", "app"],
                prints: "plus 7"
            ),
            Build(
                name: "a file was deleted",
                change: """
                    git rm -q sums/src/parts/mod.rs
                    sed -i 's/^mod parts;/pub const LEFT: i32 = 8;/; /^pub use/d' sums/src/lib.rs
                    git commit -qam inline
                    """,
                does: ["sums", "app"],
                prints: "plus 10"
            ),
            Build(
                name: "changed and changed back",
                change: """
                    sed -i s/plus/minus/ words/src/lib.rs; git commit -qam minus
                    sed -i s/minus/plus/ words/src/lib.rs; git commit -qam plus
                    """,
                does: [],
                prints: "plus 10"
            ),
            Build(
                name: "it does not compile",
                change: "sed -i s/static/statik/ words/src/lib.rs; git commit -qam broken",
                does: ["words"],
                prints: nil
            ),
            Build(
                name: "mended",
                change: "sed -i 's/statik/static/; s/plus/times/' words/src/lib.rs; git commit -qam times",
                does: ["words", "app"],
                prints: "times 10"
            ),
            Build(
                name: "all the way back",
                arguments: ["--ref", "base"],
                does: ["sums", "words", "app"],
                prints: "sum 3"
            ),
        ]
    )
}
