package storewalk.contract

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import storewalk.Change
import storewalk.Life
import storewalk.Storewalk
import storewalk.Topic
import storewalk.generated.core.ChangeListener
import storewalk.generated.core.FfiConverterTypeChangeListener
import storewalk.generated.core.Subscription
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import storewalk.generated.core.Storewalk as Core

/** Who is told of changes, when, and when no more. */
internal class ListenerTest {
    @Test
    fun `the first call comes at once with every topic and the current state`() =
        World.play {
            val first = phone().changes().first()
            assertTrue(first.isFirst)
            assertEquals(Topic.entries.toSet(), first.topics.toSet())
            assertEquals(Life.OPEN, first.life)
            assertTrue(assertNotNull(first.status).needsSignIn)
        }

    @Test
    fun `a burst of changes is told a few times and its last change is told`() =
        World.play { scope ->
            val phone = phoneOf("jiangbei")
            val told = mutableListOf<Change>()
            val hasStarted = CompletableDeferred<Unit>()
            val seen = Channel<Change>(Channel.UNLIMITED)
            val listening =
                scope.launch {
                    phone.changes().collect {
                        told += it
                        hasStarted.complete(Unit)
                        seen.send(it)
                    }
                }
            hasStarted.await()
            val began = System.nanoTime()
            repeat(BURST) { phone.orders.createDraft(idOf("dealer", "D01")).done() }
            // Told after the last one was made: nothing that comes later can be owed to an earlier one.
            @Suppress("ControlFlowWithEmptyBody")
            while (seen.tryReceive().isSuccess) {}
            phone.orders.createDraft(idOf("dealer", "D01")).done()
            seen.first { Topic.ORDERS in it.topics }
            val tookMs = (System.nanoTime() - began) / 1_000_000
            listening.cancelAndJoin()
            assertTrue(told.size <= 2 + tookMs / GAP_MS, "told ${told.size} times in $tookMs ms")
            assertEquals(BURST + 1, phone.orders.drafts().size)
        }

    @Test
    fun `a slow collector gets fewer changes and misses none`() =
        World.play { scope ->
            val phone = phoneOf("liwen")
            val gate = Channel<Unit>()
            val told = Channel<Change>(Channel.UNLIMITED)
            val fast = Channel<Change>(Channel.UNLIMITED)
            val slow =
                scope.launch {
                    phone.changes().collect {
                        told.send(it)
                        gate.receive()
                    }
                }
            assertTrue(told.receive().isFirst)
            val witness = scope.launch { phone.changes().collect { fast.send(it) } }
            assertTrue(fast.receive().isFirst)
            phone.tasks.raise(idOf("outlet", "S0101"), "one", "2025-03-20").done()
            fast.first { Topic.TASKS in it.topics }
            phone.photos.freeSpace()
            val last = fast.first { Topic.PHOTOS in it.topics }
            assertTrue(Topic.TASKS !in last.topics, "they were told one after the other")
            assertTrue(told.tryReceive().isFailure, "it has not taken the first one yet")
            gate.send(Unit)
            val merged = told.receive()
            assertTrue(Topic.TASKS in merged.topics && Topic.PHOTOS in merged.topics, "${merged.topics}")
            slow.cancelAndJoin()
            witness.cancelAndJoin()
        }

    @Test
    fun `what is observed is read at once, after its changes and after a pause`() =
        World.play { scope ->
            val phone = phoneOf("jiangbei")
            val counts = Channel<Int>(Channel.UNLIMITED)
            val observing =
                scope.launch { phone.observe(Topic.ORDERS) { orders.drafts().size }.collect { counts.send(it) } }
            assertEquals(0, counts.receive())
            phone.orders.createDraft(idOf("dealer", "D01")).done()
            counts.first { it == 1 }
            phone.pause()
            phone.resume()
            phone.orders.createDraft(idOf("dealer", "D01")).done()
            counts.first { it == 2 }
            observing.cancelAndJoin()
        }

    @Test
    fun `a flow ends when the core is shut down`() =
        World.play { scope ->
            val phone = phone()
            val hasStarted = CompletableDeferred<Unit>()
            val changes = scope.async { phone.changes().onEach { hasStarted.complete(Unit) }.toList() }
            hasStarted.await()
            phone.shutdown()
            assertTrue(changes.await().first().isFirst)
        }

    @Test
    fun `a collector that has enough stops listening`() =
        World.play {
            val phone = phone()
            val before = listeners()
            repeat(20) { assertTrue(phone.changes().first().isFirst) }
            phone.changes().takeWhile { !it.isFirst }.collect()
            eventually("nobody listens") { listeners() == before }
        }

    @Test
    fun `a listener that throws is told of the next change all the same`() =
        door { core ->
            val calls = Channel<Change>(Channel.UNLIMITED)
            val subscription =
                core.listen(
                    object : ChangeListener {
                        override fun changed(change: Change) {
                            calls.trySend(change)
                            error("a fault in the app")
                        }
                    },
                )
            assertTrue(calls.receive().isFirst)
            core.pause()
            assertEquals(Life.PAUSED, calls.receive().life)
            core.resume()
            assertEquals(Life.OPEN, calls.receive().life)
            subscription.destroy()
        }

    @Test
    fun `a listener may call the core and cancel itself from inside its call`() =
        door { core ->
            val answers = Channel<String>(Channel.UNLIMITED)
            val mine = CompletableDeferred<Subscription>()
            val subscription =
                core.listen(
                    object : ChangeListener {
                        override fun changed(change: Change) {
                            runBlocking {
                                core.session().person()
                                core.sync().status()
                                mine.await().cancel()
                                answers.send("${core.life()}")
                            }
                        }
                    },
                )
            mine.complete(subscription)
            assertEquals("OPEN", answers.receive())
            assertTrue(subscription.isCancelled())
            core.pause()
            core.resume()
            witness(core)
            assertTrue(answers.tryReceive().isFailure, "it was cancelled")
            subscription.destroy()
        }

    @Test
    fun `a listener is called no more once its handle is cancelled or dropped`() =
        door { core ->
            val listeners = List(3) { Counting() }
            val (cancelled, dropped, kept) = listeners.map { core.listen(it) }
            listeners.forEach { it.first.await() }
            cancelled.cancel()
            dropped.destroy()
            witness(core)
            val before = listeners.map { it.calls.get() }
            core.pause()
            core.resume()
            witness(core)
            val after = listeners.map { it.calls.get() }
            assertEquals(before.take(2), after.take(2))
            assertTrue(after.last() > before.last(), "the third one listens on: $before, $after")
            assertTrue(cancelled.isCancelled() && !kept.isCancelled())
            kept.destroy()
            cancelled.destroy()
        }

    /** The first of what comes that is wanted; what comes before it is passed over. */
    private suspend fun <T> Channel<T>.first(isWanted: (T) -> Boolean): T {
        while (true) {
            val next = receive()
            if (isWanted(next)) return next
        }
    }

    private class Counting : ChangeListener {
        val calls = AtomicInteger()
        val first = CompletableDeferred<Unit>()

        override fun changed(change: Change) {
            calls.incrementAndGet()
            first.complete(Unit)
        }
    }

    /** Plays with the generated object itself, below the flows. */
    private fun door(scenario: suspend (Core) -> Unit) =
        World.play {
            Storewalk.version
            val core = Core.open(World.setup(folder(), server.url), null)
            try {
                scenario(core)
            } finally {
                core.shutdown()
                core.destroy()
            }
        }

    /** Returns when a fresh listener was told twice: whoever else was to be told by now has been. */
    private suspend fun witness(core: Core) {
        val told = Channel<Change>(Channel.UNLIMITED)
        val subscription =
            core.listen(
                object : ChangeListener {
                    override fun changed(change: Change) {
                        told.trySend(change)
                    }
                },
            )
        told.receive()
        core.pause()
        told.receive()
        core.resume()
        told.receive()
        subscription.destroy()
    }

    /** How many listeners the binding keeps for the core, in this process. */
    private fun listeners(): Int = FfiConverterTypeChangeListener.handleMap.size

    private companion object {
        const val BURST = 60
        const val GAP_MS = 200
    }
}
