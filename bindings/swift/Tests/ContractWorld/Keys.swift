import Foundation
import StorewalkKit

/// A key store that keeps a key for each name it is asked for.
public final class Keys: @unchecked Sendable {
    private let lock = NSLock()
    private let seed: UInt8
    private var kept: [String: Data] = [:]
    private var locked = false
    private var gone: Set<String> = []

    public init(_ seed: UInt8) {
        self.seed = seed
    }

    /// Whether it answers that it is locked.
    public var isLocked: Bool {
        get { lock.withLock { locked } }
        set { lock.withLock { locked = newValue } }
    }

    /// The names it keeps keys for.
    public var names: [String] { lock.withLock { kept.keys.sorted() } }

    /// A host with nothing but these keys.
    public var host: PhoneHost { PhoneHost(key: { [self] in try load($0) }) }

    /// Takes the key of a name away; another one is made when it is asked for.
    public func forget(_ name: String) {
        lock.withLock { _ = kept.removeValue(forKey: name) }
    }

    /// From now on there is no key of this name any more.
    public func lose(_ name: String) {
        lock.withLock { _ = gone.insert(name) }
    }

    private func load(_ name: String) throws -> Data {
        try lock.withLock {
            if locked { throw HostError.locked }
            if gone.contains(name) { throw HostError.gone }
            let key = kept[name] ?? Data(repeating: seed + UInt8(kept.count), count: 32)
            kept[name] = key
            return key
        }
    }
}
