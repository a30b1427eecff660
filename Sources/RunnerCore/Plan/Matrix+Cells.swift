/// One combination of a matrix.
struct MatrixCell: Sendable, Hashable {
    var values: [String: String]
    /// What tells it from its siblings: the values of the axes, or of all names where `include` added it.
    var label: [String]
}

extension Matrix {
    /// Most combinations of one stage, as on GitHub.
    package static let mostCells = 256
    /// Most combinations of the axes before `exclude`.
    package static let mostCombinations = 4_096

    /// All combinations in the order of the file, the last axis changing first; an error says which limit was hit.
    ///
    /// As GitHub defines it: `exclude` takes away the combinations that agree with all its pairs. Then each `include`
    /// is added to every combination of the axes whose axis values it does not contradict; pairs that an earlier
    /// `include` added may change. Where it fits none, it is a combination of its own, which later ones do not extend.
    func cells() -> Result<[MatrixCell], MatrixLimit> {
        guard let product = combinations() else { return .failure(.combinations) }
        let names = Set(axes.map(\.name))
        var cells = product.filter { cell in !exclude.contains { agrees(cell, with: $0) } }
        guard cells.count <= Self.mostCells else { return .failure(.cells(cells.count)) }
        let axisValues = cells.map(\.values)
        for extra in include {
            let pairs = extra.filter { names.contains($0.key) }
            let fitting = axisValues.indices.filter { index in
                pairs.allSatisfy { axisValues[index][$0.key] == $0.value }
            }
            for index in fitting { cells[index].values.merge(extra) { _, new in new } }
            guard fitting.isEmpty else { continue }
            guard cells.count < Self.mostCells else { return .failure(.cells(cells.count + 1)) }
            cells.append(MatrixCell(values: extra, label: label(of: extra)))
        }
        return cells.isEmpty ? .failure(.empty) : .success(cells)
    }

    /// How many combinations it has; 0 where it breaks a limit.
    package var cellCount: Int {
        switch cells() {
        case .success(let cells): cells.count
        case .failure: 0
        }
    }

    /// `nil` where there are too many.
    private func combinations() -> [MatrixCell]? {
        guard !axes.isEmpty else { return [] }
        var cells = [MatrixCell(values: [:], label: [])]
        for axis in axes {
            guard cells.count * axis.values.count <= Self.mostCombinations else { return nil }
            cells = cells.flatMap { cell in
                axis.values.map { value in
                    MatrixCell(values: cell.values.merging([axis.name: value]) { $1 }, label: cell.label + [value])
                }
            }
        }
        return cells
    }

    private func agrees(_ cell: MatrixCell, with pairs: [String: String]) -> Bool {
        !pairs.isEmpty && pairs.allSatisfy { cell.values[$0.key] == $0.value }
    }

    /// The axes in their order, then the other names by the alphabet.
    private func label(of values: [String: String]) -> [String] {
        let names = axes.map(\.name)
        let others = values.keys.filter { !names.contains($0) }.sorted()
        return (names + others).compactMap { values[$0] }
    }
}

/// Why a matrix has no cells.
enum MatrixLimit: Error, Hashable {
    case combinations
    case cells(Int)
    case empty

    var message: String {
        switch self {
        case .combinations: "the matrix has more than \(Matrix.mostCombinations) combinations"
        case .cells(let count): "the matrix has \(count) combinations or more, and may have \(Matrix.mostCells)"
        case .empty: "the matrix has no combination"
        }
    }

    var hint: String? {
        switch self {
        case .combinations, .cells: "leave out values, or split the stage"
        case .empty: "give each name a value, and do not `exclude` everything"
        }
    }
}
