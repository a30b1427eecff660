package import FoundationEssentials
package import SystemPackage

/// Where objects lie that several machines share. Whoever writes an object puts it there whole, or not at all.
///
/// All of it throws `ObjectFailure`, and ends soon after its task is cancelled. Must be closed.
package protocol ObjectStore: Sendable {
    /// A small object, whole; `nil` where there is none.
    func read(_ name: ObjectName, limit: Int) async throws -> Data?

    /// Writes an object to a file that must not exist yet. False, and no file, where there is no such object.
    func download(_ name: ObjectName, to file: FilePath, limit: Int64) async throws -> Bool

    /// Puts what a file holds in place of whatever had that name.
    func upload(_ file: FilePath, as name: ObjectName) async throws

    /// As `upload`, from memory.
    func write(_ bytes: Data, as name: ObjectName) async throws

    /// Bytes of an object; `nil` where there is none.
    func size(_ name: ObjectName) async throws -> Int64?

    /// Objects whose names begin so, in the order of their names, a page at a time.
    func list(_ prefix: String, after page: ObjectPage.Next?) async throws -> ObjectPage

    /// No error where there is none.
    func remove(_ name: ObjectName) async throws

    func close() async
}

extension ObjectStore {
    /// Every page; throws `ObjectFailure.tooLarge` where there are more than `limit`.
    package func listAll(_ prefix: String, limit: Int = 100_000) async throws -> [ObjectPage.Entry] {
        var entries: [ObjectPage.Entry] = []
        var next: ObjectPage.Next?
        repeat {
            let page = try await list(prefix, after: next)
            entries += page.entries
            guard entries.count <= limit else { throw ObjectFailure.tooLarge("the list of `\(prefix)`") }
            next = page.next
        } while next != nil
        return entries
    }
}

/// A part of a list.
package struct ObjectPage: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package let name: ObjectName
        package let bytes: Int64
        package let modified: Date
    }

    /// Where the list goes on; only the store that gave it understands it.
    package struct Next: Sendable, Hashable {
        let token: String
    }

    package let entries: [Entry]
    package let next: Next?
}
