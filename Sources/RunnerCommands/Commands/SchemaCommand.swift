import ArgumentParser
import PipelineSyntax

/// `runner schema`: what editors need to check and complete our files.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of a kind of file, for editors.",
        discussion: """
            For example: runner schema pipeline > .pipeline.schema.json, and at the top of pipelines/ci.yml:
            # yaml-language-server: $schema=../.pipeline.schema.json
            """
    )

    @Argument(help: "pipeline, config or environment.")
    var kind: FileKind

    func run() {
        let document =
            switch kind {
            case .pipeline: PipelineSchema.json()
            case .config: ConfigurationSchema.json()
            case .environment: EnvironmentSchema.json()
            }
        Console.write(document, to: 1)
    }
}

/// The kinds of files that people write for us.
enum FileKind: String, ExpressibleByArgument, CaseIterable {
    case pipeline, config, environment
}
