import FoundationEssentials
import ObjectStorage

/// Whether a shared store does what runs will ask of it.
package enum StoreProbe {
    private static let patience = Duration.seconds(10)

    /// What is wrong, in words; `nil` where all of it works. Leaves nothing behind.
    package static func problem(with access: StoreAccess, _ keys: StoreKeys) async -> String? {
        let objects = access.open(keys)
        let problem: String?
        do {
            problem = try await Deadline.run(patience) { try await examine(objects, isReadOnly: access.isReadOnly) }
        } catch {
            problem = "\(error)"
        }
        await objects.close()
        return problem
    }

    private static func examine(_ objects: any ObjectStore, isReadOnly: Bool) async throws -> String? {
        guard let name = ObjectName("probes/\(UniqueName.make())") else { return nil }
        guard try await objects.read(name, limit: 1) == nil else { return "it has an object that nobody made" }
        if isReadOnly { return nil }
        let bytes = Data("probe".utf8)
        try await objects.write(bytes, as: name)
        let isSame = try await objects.read(name, limit: 100) == bytes
        try await objects.remove(name)
        return isSame ? nil : "it does not give back what was written"
    }
}
