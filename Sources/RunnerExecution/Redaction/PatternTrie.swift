/// The Aho–Corasick automaton of a set of byte patterns, in one array of nodes.
///
/// Patterns are inserted in order, so nodes lie in preorder: the first child of a node, if it has one, is the
/// next node. Only siblings and failure links need an index, and a pattern of n bytes costs at most n nodes of
/// 20 bytes. Stepping is linear in the length of the input, whatever the input is.
struct PatternTrie: Sendable {
    struct Node {
        /// The node of the longest proper suffix of this node's path.
        var fallback: UInt32 = 0
        /// The next child of the same parent; 0 for none.
        var sibling: UInt32 = 0
        /// The length of the path from the root.
        var depth: UInt32 = 0
        /// The length of the longest pattern that ends at this node; 0 for none.
        var match: UInt32 = 0
        /// The last byte of the path.
        var byte: UInt8 = 0
    }

    private(set) var nodes: [Node] = [Node()]
    /// The child of the root for each byte; 0 for none.
    private(set) var roots = [UInt32](repeating: 0, count: 256)

    /// Builds the automaton of patterns that are sorted, distinct and not empty.
    init(sorted patterns: [[UInt8]]) {
        insert(patterns)
        // A last node of depth 0 is nobody's child: looking at "the next node" never leaves the array.
        nodes.append(Node())
        link()
    }

    private mutating func insert(_ patterns: [[UInt8]]) {
        nodes.reserveCapacity(patterns.reduce(2) { $0 + $1.count })
        var path: [UInt32] = [0]
        var previous: [UInt8] = []
        for pattern in patterns {
            var shared = 0
            while shared < previous.count, shared < pattern.count, previous[shared] == pattern[shared] { shared += 1 }
            let youngest = shared + 1 < path.count ? path[shared + 1] : 0
            path.removeSubrange((shared + 1)...)
            for depth in shared..<pattern.count {
                let node = UInt32(nodes.count)
                nodes.append(Node(depth: UInt32(depth + 1), byte: pattern[depth]))
                path.append(node)
            }
            if youngest != 0, shared < pattern.count { nodes[Int(youngest)].sibling = path[shared + 1] }
            if shared == 0 { roots[Int(pattern[0])] = path[1] }
            nodes[nodes.count - 1].match = UInt32(pattern.count)
            previous = pattern
        }
    }

    /// Sets failure links and inherited matches, breadth first.
    private mutating func link() {
        let roots = roots
        nodes.withUnsafeMutableBufferPointer { nodes in
            guard let base = nodes.baseAddress else { return }
            roots.withUnsafeBufferPointer { roots in
                guard let rootBase = roots.baseAddress else { return }
                let steps = Steps(nodes: UnsafePointer(base), roots: rootBase)
                var queue = roots.filter { $0 != 0 }
                queue.reserveCapacity(nodes.count)
                var next = 0
                while next < queue.count {
                    let parent = queue[next]
                    next += 1
                    var child = steps.firstChild(of: parent)
                    while child != 0 {
                        let node = base + Int(child)
                        node.pointee.fallback = steps.step(from: base[Int(parent)].fallback, by: node.pointee.byte)
                        if node.pointee.match == 0 { node.pointee.match = base[Int(node.pointee.fallback)].match }
                        queue.append(child)
                        child = node.pointee.sibling
                    }
                }
            }
        }
    }

    /// The automaton while its memory is pinned.
    struct Steps {
        let nodes: UnsafePointer<Node>
        let roots: UnsafePointer<UInt32>

        @inline(__always)
        func firstChild(of node: UInt32) -> UInt32 {
            nodes[Int(node) + 1].depth == nodes[Int(node)].depth + 1 ? node + 1 : 0
        }

        @inline(__always)
        func step(from state: UInt32, by byte: UInt8) -> UInt32 {
            var state = state
            while state != 0 {
                var child = firstChild(of: state)
                while child != 0 {
                    if nodes[Int(child)].byte == byte { return child }
                    child = nodes[Int(child)].sibling
                }
                state = nodes[Int(state)].fallback
            }
            return roots[Int(byte)]
        }
    }
}
