import Dispatch
import StorewalkGenerated

/// The phone's core: one for the life of the process.
///
/// States: open → pause ⇄ resume → shutdown. Paused and shut down, every call of it and of its parts throws
/// ``StorewalkError/closed(_:)``. A call may come from any thread or actor and blocks none: work runs on threads of the
/// core's own. Calls that take a moment are finished once they are begun, even in a task that was cancelled; long ones
/// (those that only say `throws`) stop when their task is cancelled and throw `CancellationError`.
///
/// A core that nobody holds any more goes by itself, but only ``shutdown()`` waits until it is gone.
public final class Storewalk: Sendable {
    private let core: StorewalkGenerated.Storewalk
    private let bell = Bell()

    /// What was brought back from a damaged database when the core was opened; nothing when all was well.
    public let recovery: Recovery?
    /// What could not be read any more and was set aside when the core was opened anew; nothing otherwise.
    public let leftBehind: LeftBehind?
    /// Who is signed in.
    public let session: Session
    /// The plan of a day.
    public let plan: Plan
    /// Calls at outlets.
    public let visits: Visits
    /// The questions of a visit.
    public let checklists: Checklists
    /// Photos.
    public let photos: Photos
    /// Drafts and orders.
    public let orders: Orders
    /// Tasks.
    public let tasks: Tasks
    /// What needs a person.
    public let notices: Notices
    /// A supervisor's decisions about photos.
    public let review: Review
    /// Profiles of outlets.
    public let outlets: Outlets
    /// Work that goes by another road.
    public let parcels: Parcels
    /// Bringing phone and server together.
    public let sync: Sync

    private init(_ core: StorewalkGenerated.Storewalk) {
        self.core = core
        recovery = core.recovery()
        leftBehind = core.leftBehind()
        session = Session(core.session())
        plan = Plan(core.plan())
        visits = Visits(core.visits())
        checklists = Checklists(core.checklists())
        photos = Photos(core.photos())
        orders = Orders(core.orders())
        tasks = Tasks(core.tasks())
        notices = Notices(core.notices())
        review = Review(core.review())
        outlets = Outlets(core.outlets())
        parcels = Parcels(core.parcels())
        sync = Sync(core.sync())
    }

    deinit {
        bell.silence()
    }

    /// Opens the core in its folder, making the database when there is none and repairing a damaged one; ``recovery``
    /// then says what was saved. A folder that is open already, here or in another process, is refused with the code
    /// `already_open`.
    public static func open(_ setup: Setup, host: PhoneHost = PhoneHost()) async throws(StorewalkError) -> Storewalk {
        let core = try await asking {
            try await StorewalkGenerated.Storewalk.open(setup: setup, platform: host.forTheCore())
        }
        return Storewalk(core)
    }

    /// Opens the core anew after `key_wrong`, `key_gone` or `key_lost`: what nobody can read any more is set aside, a fresh
    /// key is asked for, and ``leftBehind`` says what was unsent. Refused as `key_fits` when the data can be read.
    public static func openAnew(_ setup: Setup, host: PhoneHost) async throws(StorewalkError) -> Storewalk {
        let core = try await asking {
            try await StorewalkGenerated.Storewalk.openAnew(setup: setup, platform: host.forTheCore())
        }
        return Storewalk(core)
    }

    /// Has the key store make another key, under the next name, and puts it in the place of the one in use. Older ones may
    /// be forgotten when this has returned; when it throws, the one before still counts.
    public func rotateKey() async throws(StorewalkError) {
        try await asking { try await core.rotateKey() }
    }

    /// The version of the core.
    public static var version: String { coreVersion() }

    /// What the core is doing.
    public var life: Life { core.life() }

    /// What changes, at once with everything and then at most five times a second. A slow reader gets fewer and larger
    /// changes and misses none. Ends when the core is shut down; listening ends when the sequence is dropped.
    public func changes() throws(StorewalkError) -> Changes {
        try Changes(core, bell)
    }

    /// What `read` says, at once and again whenever one of the topics has changed. While the core is paused nothing is
    /// read; the first value after it is resumed comes by itself.
    public func observe<Value: Sendable>(
        _ topics: Topic...,
        read: @escaping @Sendable (Storewalk) async throws -> Value
    ) throws(StorewalkError) -> Observed<Value> {
        Observed(try changes(), Set(topics)) { [self] in try await read(self) }
    }

    /// Lets the database go before the system suspends the app. Waits for the work in hand; a sync under way ends with
    /// ``StorewalkError/closed(_:)`` and goes on after ``resume()``. Pausing twice is pausing once.
    public func pause() async throws(StorewalkError) {
        try await asking { try await core.pause() }
    }

    /// Takes the database again.
    public func resume() async throws(StorewalkError) {
        try await asking { try await core.resume() }
    }

    /// Ends the core. When it returns, no thread of the core runs and the folder may be opened again; cancelling the
    /// caller does not shorten it. Who asks a second time waits for the first; afterwards it does nothing.
    public func shutdown() async {
        await withCheckedContinuation { over in
            // It blocks, which no thread that runs tasks may.
            DispatchQueue.global().async { [self] in
                end()
                over.resume()
            }
        }
    }

    /// ``shutdown()`` for callers that cannot wait without blocking, which this does. On a thread of the core's, inside a
    /// service of ``PhoneHost``, it only begins the end.
    public func end() {
        core.shutdown()
        bell.silence()
    }
}

/// Opens a core, runs `body`, and shuts the core down, whatever becomes of it.
public func withStorewalk<Result: Sendable>(
    _ setup: Setup,
    host: PhoneHost = PhoneHost(),
    _ body: (Storewalk) async throws -> Result
) async throws -> Result {
    let phone = try await Storewalk.open(setup, host: host)
    do {
        let result = try await body(phone)
        await phone.shutdown()
        return result
    } catch {
        await phone.shutdown()
        throw error
    }
}
