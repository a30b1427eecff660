import FoundationEssentials
import Glibc
package import RunnerCore
package import SystemPackage

/// Finds the files of a workspace that a list of patterns names.
package enum FileCollection {
    /// Matching files and links below `directory`, sorted. A pattern that names a directory means all that is in it.
    package static func collect(_ patterns: PatternList, in directory: FilePath) throws -> [DirectoryEntry] {
        let expanded = PatternList(
            patterns.sources.flatMap { source in
                let bare = source.hasSuffix("/") ? String(source.dropLast()) : source
                return source.hasSuffix("/") ? ["\(bare)/**"] : [bare, "\(bare)/**"]
            }
        )
        let roots = expanded.sources.filter { !$0.hasPrefix("!") }.map(Root.init)
        var found: [DirectoryEntry] = []
        try DirectoryWalk.visit(directory) { entry in
            switch entry.kind {
            case .directory: return roots.contains { $0.isReached(through: entry.name) }
            case .file, .link: if expanded.matches(entry.name) { found.append(entry) }
            case .special: break
            }
            return false
        }
        return found
    }

    /// What a link points to, checked to stay below `directory`: nobody hands on a file that is not theirs.
    package static func safeTarget(of entry: DirectoryEntry, in directory: FilePath) throws -> [UInt8] {
        let path = entry.path(below: directory)
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { bytes in
            bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { readlink(path.cString, $0, bytes.count) } ?? -1
        }
        guard length >= 0 else { throw SystemFailure("read link", path) }
        let target = Array(buffer.prefix(length))
        var depth = entry.name.count { $0 == UInt8(ascii: "/") }
        var isOutside = target.first == UInt8(ascii: "/")
        for component in target.split(separator: UInt8(ascii: "/")) where !isOutside {
            // Names go down by nothing: each may be a link to `.`.
            if component.elementsEqual("..".utf8) { depth -= 1 }
            isOutside = depth < 0
        }
        guard !isOutside else {
            throw RunnerError(
                .input,
                "cannot keep the link `\(String(decoding: entry.name, as: UTF8.self))`",
                why: "it points outside the workspace, to `\(String(decoding: target, as: UTF8.self))`",
                hint: "copy the file into the workspace, or leave the link out with a `!` pattern"
            )
        }
        return target
    }

    /// The part of a pattern before its first star: it tells which directories a walk must enter.
    private struct Root {
        let prefix: [UInt8]
        let isWhole: Bool

        init(_ pattern: String) {
            let literal = pattern.prefix { $0 != "*" }
            isWhole = literal.endIndex == pattern.endIndex
            let end = isWhole ? literal.endIndex : literal.lastIndex(of: "/") ?? literal.startIndex
            prefix = Array(literal[..<end].utf8)
        }

        /// True where `directory` leads to the prefix, or, before a star, is or lies below it.
        func isReached(through directory: [UInt8]) -> Bool {
            if directory.count < prefix.count {
                return prefix.starts(with: directory) && prefix[directory.count] == UInt8(ascii: "/")
            }
            if isWhole { return false }
            return directory.starts(with: prefix)
                && (prefix.isEmpty || directory.count == prefix.count || directory[prefix.count] == UInt8(ascii: "/"))
        }
    }
}
