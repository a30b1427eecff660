/// The patterns of one `.gitignore` or exclude file. See `man gitignore`.
struct IgnoreList {
    private let patterns: [IgnorePattern]
    /// How many bytes of a path from the top of the work tree lead to the directory of the file, its slash included.
    private let baseCount: Int

    /// Reads a file's content; patterns that can match nothing are left out.
    init(_ text: [UInt8], in directory: TreePath = .root) {
        baseCount = directory.isRoot ? 0 : directory.bytes.count + 1
        let content = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text[...]
        // The last pattern decides, so it is asked first.
        patterns = content.split(separator: UInt8(ascii: "\n")).reversed().compactMap(IgnorePattern.init)
    }

    /// Whether the path is ignored (or expressly not); `nil` when the list says nothing of it.
    func verdict(_ path: TreePath, isDirectory: Bool) -> Bool? {
        guard !patterns.isEmpty else { return nil }
        let inner = path.bytes[baseCount...]
        let name = path.name
        for pattern in patterns where pattern.matches(inner, name, isDirectory: isDirectory) {
            return !pattern.isNegated
        }
        return nil
    }
}

/// One line of an exclude file.
private struct IgnorePattern {
    let isNegated: Bool
    private let isForDirectories: Bool
    /// Whether it is about the path from the file's directory; otherwise about the last name alone.
    private let isAnchored: Bool
    private let wildcard: Wildcard

    init?(_ line: ArraySlice<UInt8>) {
        guard line.first != UInt8(ascii: "#") else { return nil }
        var text = Self.trimmed(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        isNegated = text.first == UInt8(ascii: "!")
        if isNegated { text.removeFirst() }
        isForDirectories = text.last == UInt8(ascii: "/")
        if isForDirectories { text.removeLast() }
        isAnchored = text.contains(UInt8(ascii: "/"))
        if text.first == UInt8(ascii: "/") { text.removeFirst() }
        guard !text.isEmpty, let wildcard = Wildcard(text) else { return nil }
        self.wildcard = wildcard
    }

    func matches(_ path: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>, isDirectory: Bool) -> Bool {
        if isForDirectories && !isDirectory { return false }
        return wildcard.matches(isAnchored ? path : name)
    }

    /// Without the spaces at the end, unless one is escaped.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = line.startIndex
        var position = line.startIndex
        while position < line.endIndex {
            let isEscape = line[position] == UInt8(ascii: "\\")
            let isSpace = line[position] == UInt8(ascii: " ")
            position = min(position + (isEscape ? 2 : 1), line.endIndex)
            if !isSpace { end = position }
        }
        return line[..<end]
    }
}
