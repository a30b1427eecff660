extension Array<UInt8> {
    /// The bytes of a C string, without its end.
    init(cString text: UnsafePointer<CChar>) {
        var count = 0
        while text[count] != 0 { count += 1 }
        self.init(UnsafeRawBufferPointer(start: text, count: count))
    }
}

extension TreePath {
    init(cString text: UnsafePointer<CChar>) { self.init(bytes: Array(cString: text)) }
}
