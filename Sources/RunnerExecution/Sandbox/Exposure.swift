import Glibc
import RunnerStore
package import SystemPackage

/// Toolchains that live in a home directory and stand on `PATH`: what of them a sandbox shows, read-only.
package struct Exposure: Sendable, Hashable {
    /// Read-only binds at their own place.
    package var paths: [FilePath] = []
    /// Variables that tell a toolchain where it lives, because `HOME` is another one inside.
    package var environment: [String: String] = [:]
    /// `PATH` inside the sandbox: only what can be seen there.
    package var searchPath = ""

    private struct Toolchain {
        /// Below the home directory; on `PATH` it or something in it.
        let marker: String
        let paths: [String]
        let variables: [String: String]
    }

    /// Never the whole of `~/.cargo`, say: credentials lie beside the tools.
    private static let toolchains = [
        Toolchain(marker: ".cargo/bin", paths: [".cargo/bin", ".rustup"], variables: ["RUSTUP_HOME": ".rustup"]),
        Toolchain(marker: ".pyenv", paths: [".pyenv"], variables: ["PYENV_ROOT": ".pyenv"]),
        Toolchain(marker: ".nvm", paths: [".nvm"], variables: ["NVM_DIR": ".nvm"]),
        Toolchain(
            marker: ".local/share/swiftly",
            paths: [".local/share/swiftly"],
            variables: [
                "SWIFTLY_HOME_DIR": ".local/share/swiftly", "SWIFTLY_BIN_DIR": ".local/share/swiftly/bin",
            ]
        ),
        Toolchain(marker: ".rbenv", paths: [".rbenv"], variables: ["RBENV_ROOT": ".rbenv"]),
        Toolchain(marker: ".sdkman/candidates", paths: [".sdkman/candidates"], variables: [:]),
        Toolchain(marker: ".volta", paths: [".volta"], variables: ["VOLTA_HOME": ".volta"]),
        Toolchain(marker: ".asdf", paths: [".asdf"], variables: ["ASDF_DATA_DIR": ".asdf"]),
        Toolchain(marker: ".ghcup/bin", paths: [".ghcup"], variables: [:]),
        Toolchain(marker: ".local/share/mise", paths: [".local/share/mise"], variables: [:]),
    ]

    /// Names that are not shown whatever stands on `PATH` or in `expose`.
    package static let secretNames: Set<String> = [
        ".ssh", ".aws", ".gnupg", ".netrc", ".docker", ".kube", ".azure", ".password-store", ".git-credentials",
        ".npmrc", ".pypirc", ".config", ".mozilla", ".thunderbird", ".bash_history", ".pgpass",
    ]

    /// Works the rules out for a machine's `PATH`. `hidden` are the directories that a sandbox does not show; of those in
    /// `hide`, which somebody asked for, `PATH` brings nothing back.
    package init(
        searchPath: String,
        home: FilePath,
        expose: [FilePath],
        hidden: [FilePath],
        hide: [FilePath] = []
    ) {
        paths = expose.filter { !Self.isSecret($0, home: home) && FileSystem.exists($0) }
        var kept: [String] = []
        for entry in searchPath.split(separator: ":").map({ FilePath(String($0)) }) where entry.isAbsolute {
            guard FileSystem.isDirectory(entry) else { continue }
            if hidden.contains(where: { entry.starts(with: $0) }), !paths.contains(where: { entry.starts(with: $0) }) {
                if hide.contains(where: { entry.starts(with: $0) }) { continue }
                guard let added = Self.rule(for: entry, home: home) else { continue }
                paths += added.paths.filter { !paths.contains($0) }
                environment.merge(added.environment) { first, _ in first }
            }
            if !kept.contains(entry.string) { kept.append(entry.string) }
        }
        self.searchPath = kept.joined(separator: ":")
    }

    private static func rule(for entry: FilePath, home: FilePath) -> (paths: [FilePath], environment: [String: String])?
    {
        guard access(entry.string, R_OK | X_OK) == 0, !isSecret(entry, home: home) else { return nil }
        for toolchain in toolchains {
            guard let owner = directory(of: toolchain, on: entry) else { continue }
            let paths = toolchain.paths.map { owner.pushing(FilePath($0)) }.filter(FileSystem.exists)
            return (paths, toolchain.variables.mapValues { owner.pushing(FilePath($0)).string })
        }
        return ([entry], [:])
    }

    /// The home that a toolchain on `PATH` lives in, which need not be the user's: `HOME` may have been changed.
    private static func directory(of toolchain: Toolchain, on entry: FilePath) -> FilePath? {
        let marker = Array(FilePath(toolchain.marker).components)
        let components = Array(entry.components)
        guard components.count >= marker.count else { return nil }
        for start in 0...(components.count - marker.count)
        where Array(components[start...].prefix(marker.count)) == marker {
            return FilePath(root: "/", components[..<start])
        }
        return nil
    }

    /// Why a path may not be shown, if it may not.
    package static func problem(with path: FilePath, home: FilePath) -> String? {
        if !path.isAbsolute { return "it is not absolute" }
        if isSecret(path, home: home) { return "secrets live there" }
        let isAbove = [home, home.resolvingLinks].contains {
            $0.starts(with: path) || $0.starts(with: path.resolvingLinks)
        }
        if isAbove || FilePath("/home/runner").starts(with: path) {
            return "it holds the homes of people; name what you need of it"
        }
        return nil
    }

    /// Secrets that lie directly in the paths, as the `.ssh` of a home that is shown.
    static func secrets(in paths: [FilePath]) -> [FilePath] {
        paths.flatMap { path in secretNames.sorted().map { path.appending($0) } }.filter(FileSystem.exists)
    }

    private static func isSecret(_ path: FilePath, home: FilePath) -> Bool {
        let resolved = path.resolvingLinks
        if path == home || resolved == home.resolvingLinks { return true }
        return [path, resolved].contains { $0.components.contains { secretNames.contains($0.string) } }
    }
}
