package storewalk

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.withContext
import storewalk.generated.core.coreVersion
import storewalk.generated.core.Storewalk as Core

/**
 * The phone's core: one for the life of the process.
 *
 * States: open → pause ⇄ resume → shutdown. Paused and shut down, every call of it and of its parts throws
 * [StorewalkException.Closed]. A call may come from any thread and blocks none: work runs on threads of the core's own,
 * and a coroutine that is cancelled while it waits cuts nothing in half.
 */
public class Storewalk private constructor(
    private val core: Core,
) : AutoCloseable {
    private val bell = Bell(core)

    /** What was brought back from a damaged database when the core was opened; nothing when all was well. */
    public val recovery: Recovery? = core.recovery()

    /** What could not be read any more and was set aside when the core was opened anew; nothing otherwise. */
    public val leftBehind: LeftBehind? = core.leftBehind()

    /** What the core is doing. */
    public val life: Life get() = core.life()

    /** Who is signed in. */
    public val session: Session = Session(core.session())

    /** The plan of a day. */
    public val plan: Plan = Plan(core.plan())

    /** Calls at outlets. */
    public val visits: Visits = Visits(core.visits())

    /** The questions of a visit. */
    public val checklists: Checklists = Checklists(core.checklists())

    /** Photos. */
    public val photos: Photos = Photos(core.photos())

    /** Drafts and orders. */
    public val orders: Orders = Orders(core.orders())

    /** Tasks. */
    public val tasks: Tasks = Tasks(core.tasks())

    /** What needs a person. */
    public val notices: Notices = Notices(core.notices())

    /** A supervisor's decisions about photos. */
    public val review: Review = Review(core.review())

    /** Profiles of outlets. */
    public val outlets: Outlets = Outlets(core.outlets())

    /** Work that goes by another road. */
    public val parcels: Parcels = Parcels(core.parcels())

    /** Bringing phone and server together. */
    public val sync: Sync = Sync(core.sync())

    /**
     * What changes, at once with everything and then at most five times a second. A slow collector gets fewer and larger
     * changes and misses none. Ends when the core is shut down; stops listening when it is no longer collected.
     */
    public fun changes(): Flow<Change> = bell.changes()

    /**
     * What [read] says, at once and again whenever one of [topics] has changed. While the core is paused nothing is
     * read; the first value after it is resumed comes by itself.
     */
    public fun <T> observe(
        vararg topics: Topic,
        read: suspend Storewalk.() -> T,
    ): Flow<T> = bell.observe(topics.toSet()) { read() }

    /**
     * Lets the database go before the system suspends the app. Waits for the work in hand; a sync under way ends with
     * [StorewalkException.Closed] and goes on after [resume]. Pausing twice is pausing once.
     */
    public suspend fun pause(): Unit = asking { core.pause() }

    /** Takes the database again. */
    public suspend fun resume(): Unit = asking { core.resume() }

    /**
     * Has the key store make another key, under the next name, and puts it in the place of the one in use. Older ones may
     * be forgotten when this has returned; when it throws, the one before still counts.
     */
    public suspend fun rotateKey(): Unit = asking { core.rotateKey() }

    /**
     * Ends the core. When it returns, no thread of the core runs and the folder may be opened again; cancelling the
     * caller does not shorten it. Who asks a second time waits for the first; afterwards it does nothing. On a thread of
     * the core's, inside a service of the [Host], it only begins the end.
     */
    public suspend fun shutdown() {
        if (core.isInside()) {
            close()
        } else {
            withContext(NonCancellable + Dispatchers.IO) { close() }
        }
    }

    /** [shutdown] for callers that cannot suspend. Blocks: not for a main thread. */
    override fun close() {
        core.shutdown()
        bell.silence()
    }

    public companion object {
        /** The version of the core. Loads the library when it is the first thing asked; not for a main thread then. */
        public val version: String
            get() {
                Library.load()
                return coreVersion()
            }

        /**
         * Opens the core in its folder, making the database when there is none and repairing a damaged one; [recovery]
         * then says what was saved. A folder that is open already, here or in another process, is refused with the code
         * `already_open`. Loads the library when it is the first, on a thread that may wait.
         */
        public suspend fun open(
            setup: Setup,
            host: Host = Host(),
        ): Storewalk {
            withContext(Dispatchers.IO) { Library.load() }
            return Storewalk(asking { Core.open(setup, host.forTheCore()) })
        }

        /**
         * Opens the core anew after `key_wrong`, `key_gone` or `key_lost`: what nobody can read any more is set aside, a
         * fresh key is asked for, and [leftBehind] says what was unsent. Refused as `key_fits` when the data can be read.
         */
        public suspend fun openAnew(
            setup: Setup,
            host: Host,
        ): Storewalk {
            withContext(Dispatchers.IO) { Library.load() }
            return Storewalk(asking { Core.openAnew(setup, host.forTheCore()) })
        }
    }
}

/** Runs [block] and shuts the core down, whatever becomes of it. The suspending sibling of `use`. */
public suspend inline fun <T> Storewalk.using(block: (Storewalk) -> T): T =
    try {
        block(this)
    } finally {
        shutdown()
    }
