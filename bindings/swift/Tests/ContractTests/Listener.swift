import Foundation
import StorewalkGenerated
import StorewalkKit

/// Every topic there is.
let everyTopic: Set<Topic> = [
    .life, .session, .plan, .visits, .photos, .orders, .tasks, .notices, .outlets, .sync,
]

/// A listener that counts its calls, does something in each, and says when it goes.
final class Listener: ChangeListener {
    let calls = Counter()
    private let gone: Counter?
    private let act: @Sendable (Change) throws -> Void

    init(gone: Counter? = nil, act: @escaping @Sendable (Change) throws -> Void = { _ in }) {
        self.gone = gone
        self.act = act
    }

    deinit {
        gone?.add()
    }

    func changed(change: Change) throws {
        calls.add()
        try act(change)
    }
}

/// Waits for something on a thread that is none of the tasks', as a service of the host has it.
func wait(_ work: @escaping @Sendable () async -> Void) {
    let over = DispatchSemaphore(value: 0)
    Task {
        await work()
        over.signal()
    }
    over.wait()
}

/// Counts from any thread.
final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    var value: Int {
        lock.withLock { count }
    }

    func add() {
        lock.withLock { count += 1 }
    }
}

/// Keeps something for any thread.
final class Box<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var kept: Value?

    var value: Value? {
        get { lock.withLock { kept } }
        set { lock.withLock { kept = newValue } }
    }
}
