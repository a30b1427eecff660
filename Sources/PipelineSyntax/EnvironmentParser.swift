package import RunnerCore

/// Reads the files of `runner-config/environments`: all that is wrong at once, or the environment.
package enum EnvironmentParser {
    /// The environment of `file`, and every finding, by place. There is an environment exactly where no finding is an
    /// error.
    package static func parse(
        file: String,
        bytes: [UInt8]
    ) -> (environment: DeployEnvironment?, diagnostics: [Diagnostic]) {
        var findings = Findings()
        guard let source = SourceText(file: file, bytes: bytes, findings: &findings),
            let root = YAMLReader.read(source, findings: &findings)
        else {
            return (nil, findings.sorted)
        }
        ShapeCheck.run(root, as: EnvironmentGrammar.root, findings: &findings)
        EnvironmentCheck(root: root, name: name(of: file)).run(findings: &findings)
        let environment = findings.hasErrors ? nil : EnvironmentBuilder(root: root, name: name(of: file)).build()
        return (environment, findings.sorted)
    }

    /// `staging` for `runner-config/environments/staging.yml`.
    package static func name(of file: String) -> String {
        let name = file.split(separator: "/").last ?? ""
        for ending in [".yml", ".yaml"] where name.hasSuffix(ending) { return String(name.dropLast(ending.count)) }
        return String(name)
    }
}
