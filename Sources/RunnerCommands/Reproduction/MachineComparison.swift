import Glibc
import RunnerAPI
import RunnerStore

/// What of a machine may make a run end otherwise than on another.
struct MachineComparison {
    let version: String
    let platform: String
    let isolation: Isolation
    let path: String
    /// Names of those that have a value.
    let secrets: Set<String>

    /// This machine, as a run here would find it.
    init(isolation: Isolation, secrets: Set<String>) {
        version = RunnerTool.version
        var names = utsname()
        uname(&names)
        let machine = withUnsafeBytes(of: &names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        platform = "linux-\(machine)"
        path = getenv("PATH").map { String(cString: $0) } ?? ""
        self.isolation = isolation
        self.secrets = secrets
    }

    init(version: String, platform: String, isolation: Isolation, path: String, secrets: Set<String>) {
        (self.version, self.platform, self.isolation) = (version, platform, isolation)
        (self.path, self.secrets) = (path, secrets)
    }

    /// In words, what was otherwise on the machine of the bundle.
    func differences(from bundle: RunBundle) -> [String] {
        var found: [String] = []
        func compare(_ name: String, _ there: String?, _ here: String) {
            if let there, there != here { found.append("\(name): \(there) there, \(here) here") }
        }
        compare("runner", bundle.version, version)
        compare("platform", bundle.platform, platform)
        compare("isolation", bundle.isolation, isolation.rawValue)
        if let path = bundle.path { found += pathDifferences(path) }
        for name in bundle.secrets.sorted() where !secrets.contains(name) {
            found.append("secret `\(name)`: has no value here")
        }
        for (name, digest) in bundle.images.sorted(by: { $0.key < $1.key }) {
            found.append("image `\(name)`: \(digest) there, none is used here")
        }
        return found
    }

    /// Where tools are looked for, and those directories that are missing or more.
    private func pathDifferences(_ there: String) -> [String] {
        let (left, right) = (there.split(separator: ":"), path.split(separator: ":"))
        guard left != right else { return [] }
        let missing = left.filter { !right.contains($0) }
        let more = right.filter { !left.contains($0) }
        var parts: [String] = []
        if !missing.isEmpty { parts.append("\(missing.joined(separator: ", ")) only there") }
        if !more.isEmpty { parts.append("\(more.joined(separator: ", ")) only here") }
        return ["PATH: \(parts.isEmpty ? "in another order" : parts.joined(separator: "; "))"]
    }
}
