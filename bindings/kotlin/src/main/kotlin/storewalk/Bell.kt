package storewalk

import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.transform
import kotlinx.coroutines.selects.select
import storewalk.generated.core.ChangeListener
import storewalk.generated.core.Storewalk as Core

/** Turns the core's listeners into flows. */
internal class Bell(
    private val core: Core,
) {
    private val over = Job()

    /** Ends every flow. */
    fun silence() {
        over.complete()
    }

    fun changes(): Flow<Change> =
        flow {
            val untold = Untold()
            val subscription = asking { core.listen(untold) }
            try {
                while (untold.hasNews(over)) {
                    untold.take()?.let { emit(it) }
                }
            } finally {
                subscription.cancel()
                subscription.close()
            }
        }

    fun <T> observe(
        topics: Set<Topic>,
        read: suspend () -> T,
    ): Flow<T> =
        changes().transform { change ->
            if (change.life == Life.OPEN && (change.isFirst || change.topics.any(topics::contains))) {
                val value =
                    try {
                        Read(read())
                    } catch (_: StorewalkException.Closed) {
                        // Paused meanwhile: resuming changes everything, and then it is read again.
                        null
                    }
                value?.let { emit(it.value) }
            }
        }

    private class Read<T>(
        val value: T,
    )
}

/** What one collector has not been told yet. The core calls it on a thread of its own, another one each time. */
private class Untold : ChangeListener {
    private val news = Channel<Unit>(Channel.CONFLATED)
    private var change: Change? = null

    override fun changed(change: Change) {
        synchronized(this) { this.change = this.change?.and(change) ?: change }
        news.trySend(Unit)
    }

    fun take(): Change? = synchronized(this) { change.also { change = null } }

    /** Waits for a change; false when there will be none. */
    suspend fun hasNews(over: Job): Boolean =
        select {
            news.onReceive { true }
            over.onJoin { false }
        }

    private fun Change.and(later: Change): Change =
        later.copy(topics = (topics + later.topics).distinct(), isFirst = isFirst || later.isFirst)
}
