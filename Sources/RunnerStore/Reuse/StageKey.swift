/// Everything that decides a stage's outcome, by name, and the digest of it all: two stage runs with one key are the same
/// work.
///
///     key        = SHA-256 of "runner-key 2\n" and, for each component by name, "NAME DIGEST\n"
///     component  = SHA-256 of the component's value as KeyValue writes it
package struct StageKey: Sendable, Hashable, Codable {
    /// Of the form above. A new form makes every old key unknown.
    private static let header = "runner-key 2\n"
    /// Longer values are told by their digest alone.
    private static let longestText = 4096

    /// One thing that counts.
    package struct Component: Sendable, Hashable, Codable {
        package var name: String
        package var digest: Digest
        /// What was hashed, where it is short.
        package var text: String?
    }

    package let digest: Digest
    /// Sorted by name.
    package let components: [Component]

    package init(_ values: [String: KeyValue]) {
        components = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { name, value in
            let text = value.canonical
            return Component(
                name: name,
                digest: .sha256(text),
                text: text.utf8.count <= Self.longestText ? text : nil
            )
        }
        let lines = components.map { "\($0.name) \($0.digest)\n" }
        digest = Digest.sha256(Self.header + lines.joined())
    }

    package subscript(name: String) -> Component? { components.first { $0.name == name } }

    /// Names of the components that are not the same, sorted.
    package func differences(from other: [String: Digest]) -> [String] {
        let own = Dictionary(components.map { ($0.name, $0.digest) }) { first, _ in first }
        return Set(own.keys).union(other.keys).filter { own[$0] != other[$0] }.sorted()
    }
}
