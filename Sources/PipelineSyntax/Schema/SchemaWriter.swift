import RunnerCore

/// Shapes to JSON Schema, draft 2020-12.
enum SchemaWriter {
    static func document(title: String, _ root: MappingShape) -> String {
        let head: [(String, JSON)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string(title)),
        ]
        return JSON.object(head + members(of: root)).text() + "\n"
    }

    private static func schema(_ shape: Shape) -> [(String, JSON)] {
        switch shape {
        case .scalar(let kind): kind.schema
        case .list(let element):
            [("type", .string("array")), ("items", .object(schema(element))), ("minItems", .number(1))]
        case .oneOrMany(let element): [("anyOf", .array([.object(schema(element)), .object(schema(.list(element)))]))]
        case .mapping(let mapping): members(of: mapping)
        case .either(let shapes): [("anyOf", .array(shapes.map { .object(schema($0)) }))]
        case .nothing: [("type", .string("null"))]
        }
    }

    private static func members(of mapping: MappingShape) -> [(String, JSON)] {
        var result: [(String, JSON)] = [("type", .string("object"))]
        if !mapping.keys.isEmpty {
            let properties = mapping.keys.map { key in
                (key.name, JSON.object([("description", .string(key.summary))] + schema(key.shape)))
            }
            result.append(("properties", .object(properties)))
        }
        let required = mapping.keys.filter(\.isRequired).map(\.name)
        if mapping.title == PipelineGrammar.root.title {
            // The stages may all come from included files.
            let alternatives = [required, ["include"]].map { JSON.object([("required", .strings($0))]) }
            result.append(("anyOf", .array(alternatives)))
        } else if !required.isEmpty {
            result.append(("required", .strings(required)))
        }
        if mapping.allowsExtensions { result.append(("patternProperties", .object([("^x-", .object([]))]))) }
        if let others = mapping.others {
            let names: [(String, JSON)] = others.name.schema.filter { $0.0 == "pattern" || $0.0 == "maxLength" }
            if mapping.keys.isEmpty { result.append(("propertyNames", .object(names))) }
            result.append(("additionalProperties", .object(schema(others.shape))))
        } else {
            result.append(("additionalProperties", .bool(false)))
        }
        if !mapping.isEmptyAllowed { result.append(("minProperties", .number(1))) }
        let ways = mapping.ways.map { way in
            JSON.object([("oneOf", .array(way.map { .object([("required", .strings([$0]))]) }))])
        }
        if !ways.isEmpty { result.append(("allOf", .array(ways))) }
        return result
    }
}

extension ScalarKind {
    /// Text is taken as written, whatever type YAML would see in it.
    fileprivate var schema: [(String, JSON)] {
        let anyScalar: (String, JSON) = ("type", .strings(["string", "number", "boolean"]))
        let text: (String, JSON) = ("type", .string("string"))
        return switch self {
        case .count(let range):
            [
                ("type", .string("integer")), ("minimum", .number(range.lowerBound)),
                ("maximum", .number(range.upperBound)),
            ]
        case .share: [("type", .string("string")), ("pattern", .string("^[0-9]{1,3}([.][0-9]+)?%$"))]
        case .number: [("type", .string("number")), ("exclusiveMinimum", .number(0))]
        case .boolean: [("type", .string("boolean"))]
        case .choice(let values): [("enum", .strings(values))]
        case .expression: [("type", .strings(["string", "boolean"]))]
        case .duration:
            [
                // A number without a unit can only be 0.
                ("maximum", .number(0)), ("type", .strings(["string", "integer"])),
                ("pattern", .string("^(0|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?)$")),
            ]
        case .size: [("type", .strings(["string", "integer"])), ("pattern", .string("^[0-9]+(B|[KMGT]i?B)?$"))]
        case .name:
            [anyScalar, ("pattern", .string("^[A-Za-z0-9][A-Za-z0-9._-]*$")), ("maxLength", .number(100))]
        case .variable, .secret: [text, ("pattern", .string("^[A-Za-z_][A-Za-z0-9_]*$"))]
        case .text, .template: [anyScalar]
        case .title: [anyScalar, ("minLength", .number(1))]
        case .script: [("type", .strings(["string", "boolean"])), ("minLength", .number(1))]
        case .branchPattern, .tagPattern, .pathPattern, .semver: [anyScalar]
        case .cron, .zone, .path, .cachePath, .file, .machinePath, .repositoryURL, .address: [text]
        case .absolutePath: [text, ("pattern", .string("^/"))]
        case .bucketName: [text, ("pattern", .string("^[a-z0-9][a-z0-9.-]*$")), ("maxLength", .number(63))]
        case .endpoint: [text, ("pattern", .string("^https?://[^/?#@]+/?$"))]
        case .objectPrefix:
            [
                text, ("pattern", .string("^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?$")),
                ("maxLength", .number(100)),
            ]
        case .repositoryName:
            [
                anyScalar, ("pattern", .string("^[A-Za-z0-9_][A-Za-z0-9._-]*$")),
                ("maxLength", .number(RepositoryDefinition.longestName)),
            ]
        case .keep: [text, ("pattern", .string("^(forever|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?)$"))]
        case .environment(let kind): kind.schema
        }
    }
}

extension EnvironmentScalar {
    /// Without what JSON Schema cannot say.
    fileprivate var schema: [(String, JSON)] {
        let text: (String, JSON) = ("type", .string("string"))
        func matching(_ pattern: String) -> [(String, JSON)] { [text, ("pattern", .string(pattern))] }
        return switch self {
        case .time: matching("^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$")
        case .sshHost: matching("^ssh://([A-Za-z0-9._][A-Za-z0-9._-]*@)?[^/@]+/?$")
        case .address: matching("^[^ ]+:[0-9]+$")
        case .socket: matching("^(/.+|[^ ]+:[0-9]+)$")
        case .url: matching("^https?://[^ @]+$")
        case .healthPath: matching("^(/|https?://)[^ ]*$")
        case .portion:
            [("type", .strings(["integer", "string"])), ("minimum", .number(1)), ("pattern", .string("^[0-9]+%?$"))]
        case .decimal: [("type", .string("number"))]
        case .clock: matching("^([01][0-9]|2[0-3]):[0-5][0-9]$")
        case .days: matching("^(\(Self.day))(-(\(Self.day)))?$")
        case .moment: matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$")
        case .waitingGate: [("enum", .strings(Self.waitingGates.map(\.rawValue)))]
        case .branch, .image, .releasePath: [text, ("minLength", .number(1))]
        case .argument: [("type", .strings(["string", "number", "boolean"])), ("minLength", .number(1))]
        }
    }

    private static let day = DeployWindow.Day.allCases.map(\.word).joined(separator: "|")
}
