extension IncrementalProject {
    /// C++ by CMake and ninja, whose files have absolute paths in them. It says each command that it runs.
    static let cmake = IncrementalProject(
        name: "cmake",
        work: { line in
            if line.contains("/usr/bin/ar qc ") { return output("qc", of: line) }
            return line.hasPrefix("[") ? output("-o", of: line) : nil
        },
        builds: [
            Build(
                name: "first",
                does: ["main.cpp.o", "sum.cpp.o", "words.cpp.o", "libsums.a", "app"],
                prints: "sum 3"
            ),
            Build(
                name: "a file changed",
                change: "sed -i s/sum/total/ src/words.cpp; git commit -qam total",
                does: ["words.cpp.o", "app"],
                prints: "total 3"
            ),
            Build(
                name: "an older commit",
                arguments: ["--ref", "base"],
                does: ["words.cpp.o", "app"],
                prints: "sum 3"
            ),
            Build(name: "the newer one", does: ["words.cpp.o", "app"], prints: "total 3"),
            Build(
                name: "a branch that diverged",
                change: "git checkout -q -b other base; sed -i s/sum/plus/ src/words.cpp; git commit -qam plus",
                does: ["words.cpp.o", "app"],
                prints: "plus 3"
            ),
            Build(
                name: "a header changed",
                change: "sed -i 's/left = 1/left = 5/' src/sum.hpp; git commit -qam five",
                does: ["main.cpp.o", "sum.cpp.o", "libsums.a", "app"],
                prints: "plus 7"
            ),
            Build(
                name: "only white space changed",
                change: "sed -i 's/{ return/{  return/' src/sum.cpp; git commit -qam space",
                does: ["sum.cpp.o", "libsums.a", "app"],
                prints: "plus 7"
            ),
            Build(
                name: "a file was renamed",
                change: """
                    git mv src/words.cpp src/phrase.cpp
                    sed -i s/words.cpp/phrase.cpp/ CMakeLists.txt
                    git commit -qam rename
                    """,
                does: ["phrase.cpp.o", "app"],
                prints: "plus 7"
            ),
            Build(
                name: "a file was deleted",
                change: """
                    git rm -q src/sum.cpp
                    sed -i 's/^int sum.*/inline int sum(int left, int right) { return left * right; }/' src/sum.hpp
                    sed -i '/sums/d' CMakeLists.txt
                    git commit -qam inline
                    """,
                does: ["main.cpp.o", "app"],
                prints: "plus 10"
            ),
            Build(
                name: "changed and changed back",
                change: """
                    sed -i s/plus/minus/ src/phrase.cpp; git commit -qam minus
                    sed -i s/minus/plus/ src/phrase.cpp; git commit -qam plus
                    """,
                does: [],
                prints: "plus 10"
            ),
            Build(
                name: "a flag for one file changed",
                change: """
                    echo 'set_source_files_properties(src/phrase.cpp PROPERTIES COMPILE_OPTIONS -O1)' >> CMakeLists.txt
                    git commit -qam flag
                    """,
                does: ["phrase.cpp.o", "app"],
                prints: "plus 10"
            ),
            Build(
                name: "it does not compile",
                change: "sed -i s/return/retrun/ src/phrase.cpp; git commit -qam broken",
                does: ["phrase.cpp.o"],
                prints: nil
            ),
            Build(
                name: "mended",
                change: "sed -i 's/retrun \"plus/return \"times/' src/phrase.cpp; git commit -qam times",
                does: ["phrase.cpp.o", "app"],
                prints: "times 10"
            ),
            Build(
                name: "all the way back",
                arguments: ["--ref", "base"],
                does: ["main.cpp.o", "sum.cpp.o", "words.cpp.o", "libsums.a", "app"],
                prints: "sum 3"
            ),
        ]
    )
}
