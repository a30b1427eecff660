import RunnerCore

/// How a script and its variables reach a shell: over standard input, never in arguments, which every user of a machine
/// can read.
///
/// A shell's `read` takes no byte beyond the line from a pipe, so each part reads its own: a constant command reads one
/// line that picks the shell, that shell reads the variables and the script up to a mark, and what is left is the script's
/// own standard input.
enum ShellProtocol {
    /// What is started here or on the other side, whatever the shell of the user is there.
    static let command = #"IFS= read -r _rb; eval "$_rb""#

    /// The same as an argument of `ssh`.
    static let remoteCommand = "exec sh -c '\(command)'"

    /// Reads variables and script, says where it runs, runs the script in a shell of its own and says how it ended.
    /// Without the mark it got only a part, and does nothing. No apostrophe may be in it.
    private static let reader = [
        #"exec 2>&1; _rm=$1; shift; _rn=$(printf "\n."); _rn=${_rn%.}; _rv=; _rs="#,
        #"while IFS= read -r _rl && [ "$_rl" != "$_rm" ]; do _rv=$_rv$_rl$_rn; done"#,
        #"[ "$_rl" = "$_rm" ] || exit 254"#,
        #"while IFS= read -r _rl && [ "$_rl" != "$_rm" ]; do _rs=$_rs$_rl$_rn; done"#,
        #"[ "$_rl" = "$_rm" ] || exit 254"#,
        #"printf "%s begin %s\n" "$_rm" "$$""#,
        #"(set "$@"; set --; eval "unset _rb _rm _rn _rl _rv; $_rv"; eval "unset _rs; $_rs")"#,
        #"_rc=$?; printf "\n%s end %s\n" "$_rm" "$_rc"; exit $_rc"#,
    ].joined(separator: "; ")

    private static let start = [
        "_rb='\(reader)'",
        #"if command -v bash >/dev/null 2>&1"#,
        #"then exec bash --noprofile --norc -c "$_rb" script MARK -eo pipefail"#,
        #"else exec sh -c "$_rb" script MARK -e; fi"#,
    ].joined(separator: "; ")

    /// What comes before the script's own input.
    static func preamble(
        _ script: String,
        environment: [String: String],
        directory: String?,
        mark: String
    ) throws(DeployFailure) -> [UInt8] {
        var lines = [start.replacing("MARK", with: mark)]
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard isName(name) else { throw DeployFailure(.input, "\(name.quoted) cannot be the name of a variable") }
            lines.append("export \(name)=\(try quoted(value, as: name))")
        }
        if let directory { lines.append("cd \(try quoted(directory, as: "the directory"))") }
        guard !script.utf8.contains(0) else { throw DeployFailure(.input, "the script has a zero byte") }
        lines += [mark, script, mark, ""]
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// One word for any shell of POSIX.
    static func quoted(_ value: String, as name: String) throws(DeployFailure) -> String {
        guard !value.utf8.contains(0) else {
            throw DeployFailure(.input, "the value of \(name) has a zero byte, which no variable can hold")
        }
        return word(value)
    }

    /// As `quoted`, for text that is known to have no zero byte.
    static func word(_ text: String) -> String {
        // By bytes: a quote that a combining character follows is no character of its own, but a quote to the shell.
        var bytes: [UInt8] = [UInt8(ascii: "'")]
        for byte in text.utf8 {
            if byte == UInt8(ascii: "'") { bytes += Array(#"'\''"#.utf8) } else { bytes.append(byte) }
        }
        return String(decoding: bytes + [UInt8(ascii: "'")], as: UTF8.self)
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }
    }
}
