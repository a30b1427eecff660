/// A path inside a tree: bytes joined by `/`, which need not be UTF-8.
package struct TreePath: Sendable, Hashable {
    /// The path without a leading or trailing `/`.
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    package init(_ text: String) { bytes = Array(text.utf8) }

    /// The tree itself.
    package static let root = TreePath(bytes: [])

    private static let separator = UInt8(ascii: "/")

    package var isRoot: Bool { bytes.isEmpty }

    /// The names along the path.
    package var components: [ArraySlice<UInt8>] { bytes.split(separator: Self.separator) }

    /// What follows the last `/`.
    package var name: ArraySlice<UInt8> {
        guard let slash = bytes.lastIndex(of: Self.separator) else { return bytes[...] }
        return bytes[(slash + 1)...]
    }

    /// The path of the directory that holds this one; the root for a path of one name.
    package var parent: TreePath {
        guard let slash = bytes.lastIndex(of: Self.separator) else { return .root }
        return TreePath(bytes: Array(bytes[..<slash]))
    }

    /// This path followed by a name or by another path.
    package func appending(_ name: some Collection<UInt8>) -> TreePath {
        guard !bytes.isEmpty else { return TreePath(bytes: Array(name)) }
        var joined: [UInt8] = []
        joined.reserveCapacity(bytes.count + 1 + name.count)
        joined += bytes
        joined.append(Self.separator)
        joined += name
        return TreePath(bytes: joined)
    }

    package func appending(_ other: TreePath) -> TreePath { other.isRoot ? self : appending(other.bytes) }

    /// Whether the path is the directory itself or lies in it.
    package func isInside(_ directory: TreePath) -> Bool {
        if directory.isRoot { return true }
        guard bytes.starts(with: directory.bytes) else { return false }
        return bytes.count == directory.bytes.count || bytes[directory.bytes.count] == Self.separator
    }

    /// Calls with the path as a C string.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
            for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
            buffer[bytes.count] = 0
            guard let start = buffer.baseAddress else { preconditionFailure("a C string has at least one byte") }
            return body(start)
        }
    }
}

extension TreePath: Comparable {
    /// Byte by byte, as git orders an index.
    package static func < (left: TreePath, right: TreePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension TreePath: CustomStringConvertible {
    /// The path for people: bytes that are not UTF-8 become U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension TreePath: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
