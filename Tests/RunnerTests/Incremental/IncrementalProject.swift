import FoundationEssentials
import SystemPackage
import Testing

/// One folder of `fixtures/`, and what must become of it from build to build with one cache: what each prints says
/// whether it is right, what the tool did whether it is quick.
struct IncrementalProject: Sendable, CustomTestStringConvertible {
    struct Build: Sendable {
        /// What it is about.
        let name: String
        /// A shell script in the repository; nothing builds the same commit again.
        var change = ""
        /// Further arguments of `runner local`.
        var arguments: [String] = []
        /// What the tool must do, and nothing else.
        let does: Set<String>
        /// What the program that was built must print; `nil` where the build must fail.
        let prints: String?
    }

    let name: String
    /// What a line of the tool's output says that it does.
    let work: @Sendable (Substring) -> String?
    /// One after the other, each with the cache that the ones before it left.
    let builds: [Build]

    var testDescription: String { name }

    /// The files of the first commit by path.
    func files() throws -> [String: String] {
        let folder = FilePath(#filePath).removingLastComponent().appending("fixtures").appending(name)
        var files: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.string) {
            let file = folder.pushing(FilePath(path)).string
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory), !isDirectory else {
                continue
            }
            files[path] = try String(contentsOfFile: file, encoding: .utf8)
        }
        return files
    }

    /// What comes after an option of a command that writes a file, as `-o`, without the folders.
    static func output(_ option: String, of line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: Substring(option)), index + 1 < words.endIndex else { return nil }
        return words[index + 1].split(separator: "/").last.map(String.init)
    }
}
