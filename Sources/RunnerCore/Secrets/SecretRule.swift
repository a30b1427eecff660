/// What the server's file says of one secret: who gets it, and what fetches it where it is not stored.
package struct SecretRule: Sendable, Hashable {
    /// A program that prints the value.
    package struct Command: Sendable, Hashable {
        /// For `sh -c`.
        package var script: String
        package var timeout: Duration
        /// How long a value is taken again; zero asks for each run.
        package var cache: Duration
        /// Variables of the daemon that the program gets, beside `PATH`, `HOME` and `LANG`.
        package var pass: [String]

        package init(
            script: String,
            timeout: Duration = .seconds(10),
            cache: Duration = .zero,
            pass: [String] = []
        ) {
            self.script = script
            self.timeout = timeout
            self.cache = cache
            self.pass = pass
        }
    }

    package var name: String
    /// `nil` is any, here and below.
    package var repositories: [String]?
    package var branches: PatternList?
    package var tags: PatternList?
    package var pipelines: [String]?
    /// Without the cell of a matrix.
    package var stages: [String]?
    package var environments: [String]?
    /// Wins over a value that is stored.
    package var command: Command?

    package init(name: String) { self.name = name }
}
