/// The `.gitattributes` files.
enum AttributeSource {
    static let fileName = Array(".gitattributes".utf8)[...]
}
