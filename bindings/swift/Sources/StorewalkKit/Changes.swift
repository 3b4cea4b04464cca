import Foundation
import StorewalkGenerated

/// What changes in a core. For one reader; ask for another one where there are several.
public struct Changes: AsyncSequence, Sendable {
    public typealias Element = Change

    private let listening: Listening

    init(_ core: StorewalkGenerated.Storewalk, _ bell: Bell) throws(StorewalkError) {
        do {
            listening = try Listening(core, bell)
        } catch {
            throw StorewalkError(told: error)
        }
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(listening: listening, news: listening.untold.news.makeAsyncIterator())
    }

    /// Waits for the next change. A task that is cancelled gets no more.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let listening: Listening
        fileprivate var news: AsyncStream<Void>.Iterator

        public mutating func next() async -> Change? {
            while await news.next() != nil {
                if let change = listening.untold.take() {
                    return change
                }
            }
            return nil
        }
    }
}

/// What a core says about something, again whenever that has changed.
public struct Observed<Value: Sendable>: AsyncSequence, Sendable {
    public typealias Element = Value

    private let changes: Changes
    private let topics: Set<Topic>
    private let read: @Sendable () async throws -> Value

    init(_ changes: Changes, _ topics: Set<Topic>, read: @escaping @Sendable () async throws -> Value) {
        self.changes = changes
        self.topics = topics
        self.read = read
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(changes: changes.makeAsyncIterator(), topics: topics, read: read)
    }

    /// Waits for the next value. What `read` throws ends the sequence.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var changes: Changes.Iterator
        fileprivate let topics: Set<Topic>
        fileprivate let read: @Sendable () async throws -> Value

        public mutating func next() async throws -> Value? {
            while let change = await changes.next() {
                guard change.concerns(topics) else { continue }
                do {
                    return try await read()
                } catch StorewalkError.closed {
                    // Paused meanwhile: resuming changes everything, and then it is read again.
                }
            }
            return nil
        }
    }
}

extension Change {
    /// Whether one of these is to be asked for again, and can be.
    public func concerns(_ topics: Set<Topic>) -> Bool {
        life == .open && (isFirst || !topics.isDisjoint(with: self.topics))
    }

    fileprivate func and(_ later: Change) -> Change {
        let topics = Set(topics).union(later.topics)
        return Change(topics: Array(topics), isFirst: isFirst || later.isFirst, life: later.life, status: later.status)
    }
}

/// Keeps one listener with the core; the listener goes with it.
private final class Listening: Sendable {
    let untold = Untold()
    private let bell: Bell
    private let subscription: Subscription

    init(_ core: StorewalkGenerated.Storewalk, _ bell: Bell) throws {
        self.bell = bell
        subscription = try core.listen(listener: untold)
        bell.add(untold)
    }

    deinit {
        subscription.cancel()
        bell.remove(untold)
    }
}

/// What one reader has not been told yet. The core calls it on a thread of its own, another one each time.
private final class Untold: ChangeListener {
    let news: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation
    private let change = Locked<Change?>(nil)

    init() {
        (news, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func changed(change: Change) {
        self.change.with { $0 = $0?.and(change) ?? change }
        ring.yield()
    }

    func take() -> Change? {
        change.with { change in
            defer { change = nil }
            return change
        }
    }

    func end() {
        ring.finish()
    }
}

/// Everybody who reads changes of one core, so that they can be told that there will be none.
final class Bell: Sendable {
    private let readers = Locked<[ObjectIdentifier: Untold]>([:])

    fileprivate func add(_ untold: Untold) {
        readers.with { $0[ObjectIdentifier(untold)] = untold }
    }

    fileprivate func remove(_ untold: Untold) {
        readers.with { $0[ObjectIdentifier(untold)] = nil }
    }

    /// Ends every sequence.
    func silence() {
        let readers = readers.with { readers in
            defer { readers = [:] }
            return readers
        }
        readers.values.forEach { $0.end() }
    }
}

/// A value with a lock around it.
private final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func with<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body(&value)
    }
}
