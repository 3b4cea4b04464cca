/// The id of something in the demo world, from its kind and code: a UUID of version 5.
public func idOf(_ kind: String, _ code: String) -> String {
    let namespace: [UInt8] = [0x53, 0x57, 0x44, 0x45, 0x4d, 0x4f, 0x00, 0x01, 0x80, 0, 0, 0, 0, 0, 0, 0x01]
    var bytes = Array(sha1(namespace + Array("\(kind)/\(code)".utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0f | 0x50
    bytes[8] = bytes[8] & 0x3f | 0x80
    let digits = bytes.map { byte in
        let text = String(byte, radix: 16)
        return text.count == 1 ? "0" + text : text
    }.joined()
    var rest = digits[...]
    return [8, 4, 4, 4, 12].map { length in
        defer { rest = rest.dropFirst(length) }
        return String(rest.prefix(length))
    }.joined(separator: "-")
}

/// SHA-1, which names a thing here and protects nothing. Not every system brings it for Swift.
private func sha1(_ message: [UInt8]) -> [UInt8] {
    var padded = message + [0x80]
    padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
    padded += (0..<8).reversed().map { UInt8(truncatingIfNeeded: message.count * 8 >> ($0 * 8)) }
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    for start in stride(from: 0, to: padded.count, by: 64) {
        state = mixed(state, words(padded[start..<start + 64]))
    }
    return state.flatMap { word in (0..<4).reversed().map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
}

/// The eighty words of a block.
private func words(_ block: ArraySlice<UInt8>) -> [UInt32] {
    var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { place in
        block[place..<place + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    for place in 16..<80 {
        words.append(turned(words[place - 3] ^ words[place - 8] ^ words[place - 14] ^ words[place - 16], 1))
    }
    return words
}

private func mixed(_ state: [UInt32], _ words: [UInt32]) -> [UInt32] {
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for (round, word) in words.enumerated() {
        let (chosen, constant): (UInt32, UInt32) =
            switch round {
            case ..<20: (b & c | ~b & d, 0x5a82_7999)
            case ..<40: (b ^ c ^ d, 0x6ed9_eba1)
            case ..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
            default: (b ^ c ^ d, 0xca62_c1d6)
            }
        let next = turned(a, 5) &+ chosen &+ e &+ constant &+ word
        (a, b, c, d, e) = (next, a, turned(b, 30), c, d)
    }
    return zip(state, [a, b, c, d, e]).map { $0 &+ $1 }
}

private func turned(_ word: UInt32, _ by: UInt32) -> UInt32 {
    word << by | word >> (32 - by)
}
