internal import Glibc
internal import SystemPackage

/// Where git looks for the files of a user that its settings do not name.
enum UserSettings {
    /// `$XDG_CONFIG_HOME/git`, by default `~/.config/git`.
    static var directory: FilePath? {
        if let path = variable("XDG_CONFIG_HOME") { return path.appending("git") }
        return variable("HOME")?.appending(".config/git")
    }

    private static func variable(_ name: String) -> FilePath? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return FilePath(platformString: value)
    }
}
