import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// Where a person's secrets come from: variables and a file, never arguments, which every process can read.
struct SecretSources {
    let names: [String]
    let file: String?

    func values() throws -> [String: String] {
        var values = try file.map(Self.read) ?? [:]
        for name in names {
            guard let value = getenv(name) else {
                throw RunnerError(
                    .input,
                    "cannot take the secret `\(name)`",
                    why: "there is no variable of that name here",
                    hint: "read -rs \(name) && export \(name)"
                )
            }
            values[name] = String(cString: value)
        }
        return values
    }

    private static func read(_ file: String) throws -> [String: String] {
        guard let data = try FileSystem.read(FilePath(file), limit: 1 << 20) else {
            throw RunnerError(.input, "cannot read `\(file)`", why: "there is no such file")
        }
        var values: [String: String] = [:]
        for (index, line) in String(decoding: data, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        .enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
                throw DiagnosticsError([
                    Diagnostic(
                        .error,
                        at: SourceLocation(file: file, line: index + 1, column: 1),
                        "not a line NAME=VALUE"
                    )
                ])
            }
            values[String(line[..<equals])] = unquoted(line[line.index(after: equals)...])
        }
        return values
    }

    /// As `.env` files have it: one pair of quotes around a value is not part of it.
    private static func unquoted(_ value: Substring) -> String {
        for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
            return String(value.dropFirst().dropLast())
        }
        return String(value)
    }
}
