/// What a secret's value is called on its way to a stage.
package enum SecretName {
    /// `NAME`, or `NAME@ENVIRONMENT` for a value that belongs to one environment. No variable has an `@`.
    package static func handed(_ name: String, environment: String?) -> String {
        environment.map { "\(name)@\($0)" } ?? name
    }

    /// Whether a pipeline can deploy to an environment of this name.
    package static func isEnvironment(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { byte in isWord(byte) || ".-".utf8.contains(byte) }
        guard isPlain, let first = text.utf8.first, isWord(first), first != UInt8(ascii: "_") else { return false }
        return text.utf8.count <= 100
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// Whether a pipeline can ask for it: the name of a variable that is not the runner's own.
    package static func isName(_ text: String) -> Bool {
        guard text.utf8.allSatisfy(isWord), let first = text.utf8.first,
            !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else {
            return false
        }
        return text.utf8.count <= 200 && !ReservedVariables.contains(text)
    }
}
