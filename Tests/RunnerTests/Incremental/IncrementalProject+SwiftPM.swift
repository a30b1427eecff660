extension IncrementalProject {
    /// Swift by SwiftPM: two modules, whose files are compiled one by one. What lies on the disk is compared by its
    /// exact time, so that a time that goes back is a change as well.
    static let swiftPM = IncrementalProject(
        name: "swiftpm",
        work: { line in
            let words = line.split(separator: " ")
            guard words.count > 3, words[1] == "Compiling" else { return nil }
            return "\(words[2])/\(words[3])"
        },
        builds: [
            Build(
                name: "first",
                does: ["Sums/Sum.swift", "Sums/Parts.swift", "App/Words.swift", "App/main.swift"],
                prints: "sum 3"
            ),
            Build(
                name: "a file changed",
                change: "sed -i s/sum/total/ Sources/App/Words.swift; git commit -qam total",
                does: ["App/Words.swift"],
                prints: "total 3"
            ),
            Build(name: "an older commit", arguments: ["--ref", "base"], does: ["App/Words.swift"], prints: "sum 3"),
            Build(name: "the newer one", does: ["App/Words.swift"], prints: "total 3"),
            Build(
                name: "a branch that diverged",
                change:
                    "git checkout -q -b other base; sed -i s/sum/plus/ Sources/App/Words.swift; git commit -qam plus",
                does: ["App/Words.swift"],
                prints: "plus 3"
            ),
            Build(
                name: "a value of the other module changed",
                change: "sed -i 's/= 1/= 5/' Sources/Sums/Parts.swift; git commit -qam five",
                does: ["Sums/Parts.swift", "App/main.swift"],
                prints: "plus 7"
            ),
            Build(
                name: "only white space changed",
                change: "sed -i 's/{ left/{  left/' Sources/Sums/Sum.swift; git commit -qam space",
                does: ["Sums/Sum.swift"],
                prints: "plus 7"
            ),
            Build(
                name: "a file was renamed",
                change: "git mv Sources/App/Words.swift Sources/App/Phrase.swift; git commit -qm rename",
                does: ["App/Phrase.swift", "App/main.swift"],
                prints: "plus 7"
            ),
            Build(
                name: "a file was deleted",
                change: """
                    git rm -q Sources/Sums/Parts.swift
                    echo 'public let left = 8' >> Sources/Sums/Sum.swift
                    git commit -qam inline
                    """,
                does: ["Sums/Sum.swift", "App/main.swift"],
                prints: "plus 10"
            ),
            Build(
                name: "changed and changed back",
                change: """
                    sed -i s/plus/minus/ Sources/App/Phrase.swift; git commit -qam minus
                    sed -i s/minus/plus/ Sources/App/Phrase.swift; git commit -qam plus
                    """,
                does: [],
                prints: "plus 10"
            ),
            Build(
                name: "it does not compile",
                change: "sed -i s/func/fnuc/ Sources/App/Phrase.swift; git commit -qam broken",
                does: ["App/Phrase.swift"],
                prints: nil
            ),
            Build(
                name: "mended",
                change: "sed -i 's/fnuc/func/; s/plus/times/' Sources/App/Phrase.swift; git commit -qam times",
                does: ["App/Phrase.swift"],
                prints: "times 10"
            ),
            Build(
                name: "all the way back",
                arguments: ["--ref", "base"],
                does: ["Sums/Sum.swift", "Sums/Parts.swift", "App/Words.swift", "App/main.swift"],
                prints: "sum 3"
            ),
        ]
    )
}
