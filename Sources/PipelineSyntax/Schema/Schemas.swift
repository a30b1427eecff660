/// The JSON Schema of a pipeline file, for editors.
package enum PipelineSchema {
    /// The document, with a line feed at its end.
    package static func json() -> String { SchemaWriter.document(title: "A pipeline of runner", PipelineGrammar.root) }
}

/// The JSON Schema of `runner-config/runner.yml`, for editors.
package enum ConfigurationSchema {
    /// The document, with a line feed at its end.
    package static func json() -> String {
        SchemaWriter.document(title: "The configuration of runner", ConfigurationGrammar.root)
    }
}

/// The JSON Schema of a file of `runner-config/environments`, for editors.
package enum EnvironmentSchema {
    /// The document, with a line feed at its end.
    package static func json() -> String {
        SchemaWriter.document(title: "An environment of runner", EnvironmentGrammar.root)
    }
}
