/// How values compare:
///
/// | left and right | `==` | `<` `<=` `>` `>=` |
/// |---|---|---|
/// | number, number | by value | by value |
/// | text, text | same bytes, case counts | byte by byte, so `'10' < '9'` |
/// | number, text that is a number | by value | by value |
/// | number, other text | false | error |
/// | truth value, truth value | same | error |
/// | null, null | true | error |
/// | any two other types | false | error |
/// | a group of values with anything | error | error |
extension Expression.Comparison {
    /// The answer, or `nil` where the table says error.
    func holds(_ left: Value, _ right: Value) -> Bool? {
        switch (left, right) {
        case (.object, _), (_, .object): return nil
        case (.number(let left), .number(let right)): return holds(left < right, left == right)
        case (.number(let left), .string(let text)):
            guard let right = Value.number(in: text) else { return unequal }
            return holds(left < right, left == right)
        case (.string(let text), .number(let right)):
            guard let left = Value.number(in: text) else { return unequal }
            return holds(left < right, left == right)
        case (.string(let left), .string(let right)):
            // Swift's own `==` takes different spellings of one character as equal; names of git are bytes.
            return holds(left.utf8.lexicographicallyPrecedes(right.utf8), left.utf8.elementsEqual(right.utf8))
        case (.bool(let left), .bool(let right)): return equality(left == right)
        case (.null, .null): return equality(true)
        case (.null, _), (.bool, _), (.number, _), (.string, _): return unequal
        }
    }

    private var unequal: Bool? { equality(false) }

    private func equality(_ isEqual: Bool) -> Bool? {
        switch self {
        case .equal: isEqual
        case .notEqual: !isEqual
        case .less, .lessOrEqual, .greater, .greaterOrEqual: nil
        }
    }

    private func holds(_ isLess: Bool, _ isEqual: Bool) -> Bool {
        switch self {
        case .equal: isEqual
        case .notEqual: !isEqual
        case .less: isLess
        case .lessOrEqual: isLess || isEqual
        case .greater: !isLess && !isEqual
        case .greaterOrEqual: !isLess
        }
    }
}
