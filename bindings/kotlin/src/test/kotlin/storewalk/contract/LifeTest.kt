package storewalk.contract

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.isActive
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Test
import storewalk.Change
import storewalk.Host
import storewalk.Life
import storewalk.Network
import storewalk.ReviewDraft
import storewalk.Storewalk
import storewalk.StorewalkException
import storewalk.VerdictDecision
import storewalk.generated.core.ChangeListener
import storewalk.using
import java.nio.file.Files
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import storewalk.generated.core.Storewalk as Core

/** Opening, pausing, ending and dying. */
internal class LifeTest {
    @Test
    fun `paused it answers closed and resumed it works`() =
        World.play {
            val phone = phoneOf("liwen")
            assertEquals(Life.OPEN, phone.life)
            phone.pause()
            phone.pause()
            assertEquals(Life.PAUSED, phone.life)
            assertFault<StorewalkException.Closed>("closed") { phone.plan.today() }
            phone.resume()
            assertEquals(
                8,
                phone.plan
                    .today()
                    .calls.size,
            )
        }

    @Test
    fun `under load pausing and resuming answers every call or says closed`() =
        World.play { scope ->
            val phone = phoneOf("jiangbei")
            val made = AtomicInteger()
            val refused = AtomicInteger()
            val callers = List(6) { scope.launch { load(phone, made, refused) } }
            repeat(15) { round ->
                val before = made.get()
                eventually("calls are answered in round $round") { made.get() > before }
                phone.pause()
                phone.resume()
            }
            callers.forEach { it.cancel() }
            callers.forEach { it.join() }
            // A call that was cancelled may still have made its draft: none is missing.
            assertTrue(phone.orders.drafts().size in made.get()..made.get() + callers.size)
        }

    @Test
    fun `under load a shutdown ends and every call after it says closed`() =
        World.play { scope ->
            val folder = folder()
            val phone = phoneOf("jiangbei", folder)
            val made = AtomicInteger()
            val closed = AtomicInteger()
            val callers = List(6) { scope.launch { load(phone, made, closed) } }
            eventually("calls are answered") { made.get() > 20 }
            phone.shutdown()
            eventually("callers are told") { closed.get() > 0 }
            callers.forEach { it.cancel() }
            callers.forEach { it.join() }
            assertTrue(phone(folder).orders.drafts().size >= made.get())
        }

    /** Writes until it is cancelled. Anything but an answer or [StorewalkException.Closed] fails the test. */
    private suspend fun CoroutineScope.load(
        phone: Storewalk,
        made: AtomicInteger,
        closed: AtomicInteger,
    ) {
        while (isActive) {
            try {
                phone.orders.createDraft(idOf("dealer", "D01")).done()
                made.incrementAndGet()
            } catch (_: StorewalkException.Closed) {
                closed.incrementAndGet()
                // A closed core answers without ever suspending.
                yield()
            }
        }
    }

    @Test
    fun `after shutdown every part says closed and a second shutdown does no harm`() =
        World.play { scope ->
            val phone = phoneOf("liwen")
            phone.shutdown()
            phone.shutdown()
            phone.close()
            assertEquals(Life.SHUT_DOWN, phone.life)
            val outlet = idOf("outlet", "S0101")
            val calls: List<suspend () -> Any?> =
                listOf(
                    { phone.session.person() },
                    { phone.session.signIn("liwen", PASSWORD) },
                    { phone.plan.today() },
                    { phone.visits.start(outlet) },
                    { phone.visits.open() },
                    { phone.checklists.steps(outlet) },
                    { phone.photos.rejected() },
                    { phone.photos.upload() },
                    { phone.orders.drafts() },
                    { phone.tasks.mine() },
                    { phone.notices.items() },
                    { phone.outlets.profile(outlet) },
                    { phone.photos.sendOriginalsNow() },
                    { phone.photos.transferEnded("$outlet/original") },
                    { phone.parcels.carried() },
                    { phone.parcels.deliver() },
                    { phone.review.decide(ReviewDraft(outlet, VerdictDecision.APPROVED)) },
                    { phone.sync.networkReturned() },
                    { phone.rotateKey() },
                    { phone.sync.now() },
                    { phone.sync.follow() },
                    { phone.sync.status() },
                    { phone.resume() },
                    { phone.pause() },
                    { phone.changes().collect {} },
                )
            val ends = calls.map { call -> scope.async { runCatching { call() }.exceptionOrNull() } }.awaitAll()
            ends.forEachIndexed {
                place,
                end,
                ->
                assertTrue(end is StorewalkException.Closed, "call $place ended with $end")
            }
        }

    @Test
    fun `a folder has one core at a time, in this process and beside it`() =
        World.play {
            val folder = folder()
            val phone = phone(folder)
            assertFault<StorewalkException.Storage>("already_open") { phone(folder) }
            val detour = Files.createSymbolicLink(folder(), folder)
            assertFault<StorewalkException.Storage>("already_open") { phone(detour) }
            Child.start("hold", folder, server.url).use { child -> assertEquals("already_open", child.line()) }
            phone.shutdown()
            Child.start("hold", folder, server.url).use { child ->
                assertEquals("open", child.line())
                assertFault<StorewalkException.Storage>("already_open") { phone(folder) }
                child.kill()
                assertNull(phone(folder).session.person())
            }
        }

    @Test
    fun `what a killed app had said was done is there when it is opened again`() =
        World.play {
            val folder = folder()
            phoneOf("liwen", folder, Host(keyStore = Keys(1))).shutdown()
            for ((lives, outlet) in listOf("S0101", "S0103", "S0102").withIndex()) {
                val said = mutableListOf<String>()
                Child.start("work", folder, server.url, outlet).use { child ->
                    repeat(5 + lives * 12) { said += checkNotNull(child.line()) { "the child ended by itself" } }
                    said += child.kill()
                }
                val phone = phone(folder, Host(keyStore = Keys(1)))
                assertNull(phone.recovery?.file, "a kill damages nothing")
                val open = assertNotNull(phone.visits.open(), "the visit is gone")
                assertEquals("visit ${open.id}", said.first())
                val given = Walk.answers(open).keys.map { (item, instance) -> "answered $item $instance" }
                val lost = said.filter { it.startsWith("answered") }.toSet() - given.toSet()
                assertEquals(emptySet(), lost)
                Walk.through(phone, open.id)
                phone.visits.finish(open.id).done()
                phone.sync.now()
                assertEquals(0uL, phone.sync.status().unsentCommands)
                phone.shutdown()
            }
        }

    @Test
    fun `a process may end with a core, a listener and a call alive`() =
        World.play {
            repeat(3) {
                val folder = folder()
                Child.start("leave", folder, server.url).use { child ->
                    assertEquals("leaving", child.line())
                    assertEquals(0, child.end())
                }
                assertNull(phone(folder).recovery?.file)
            }
        }

    @Test
    fun `a shutdown ends a call under way, which says closed`() =
        World.play { scope ->
            val folder = folder()
            val phone = phoneOf("liwen", folder)
            phone.tasks.raise(idOf("outlet", "S0101"), "unsent", "2025-03-20").done()
            server.lineHeld()
            val syncing = scope.async { runCatching { phone.sync.now() }.exceptionOrNull() }
            server.awaitHeld()
            phone.shutdown()
            assertIs<StorewalkException.Closed>(syncing.await())
            server.lineUp()
            assertEquals(1uL, phone(folder).sync.now().commandsSent)
        }

    @Test
    fun `a pause ends a sync under way, which goes on after it`() =
        World.play { scope ->
            val phone = phoneOf("liwen")
            phone.tasks.raise(idOf("outlet", "S0101"), "unsent", "2025-03-20").done()
            server.lineHeld()
            val syncing = scope.async { runCatching { phone.sync.now() }.exceptionOrNull() }
            server.awaitHeld()
            phone.pause()
            server.lineUp()
            assertIs<StorewalkException.Closed>(syncing.await())
            phone.resume()
            assertEquals(1uL, phone.sync.now().commandsSent)
            assertEquals(0uL, phone.sync.status().unsentCommands)
        }

    @Test
    fun `a folder may have any name that the system allows`() =
        World.play {
            val name = " 门店 😀 𰻞 e\u0301 '\";%20#&?/" + "深".repeat(80)
            val folder = folder().toString() + name
            val phone = phoneOf("liwen") { copy(folder = folder) }
            val visit = Walk.arrive(phone)
            phone.photos.capture(visit, "product_zone", picture(0)).done()
            phone.shutdown()
            val again = phone { copy(folder = folder) }
            val photo = again.photos.ofVisit(visit).single()
            assertTrue(assertNotNull(photo.originalPath).startsWith(folder))
            assertFault<StorewalkException.Storage>("already_open") { phone { copy(folder = folder) } }
        }

    @Test
    fun `shut down from several sides at once it is over when any of them comes back`() =
        World.play { scope ->
            val folder = folder()
            repeat(5) {
                val phone = phone(folder)
                val back = Channel<Unit>(Channel.UNLIMITED)
                val sides =
                    List(4) { side ->
                        scope.launch(Dispatchers.IO) {
                            if (side == 0) phone.close() else phone.shutdown()
                            back.send(Unit)
                        }
                    }
                back.receive()
                assertEquals(Life.SHUT_DOWN, phone.life)
                Storewalk.open(World.setup(folder, server.url)).shutdown()
                sides.joinAll()
            }
        }

    @Test
    fun `a listener or a service of the host may shut the core down from inside its call`() =
        World.play {
            val folder = folder()
            Storewalk.version
            val core = Core.open(World.setup(folder, server.url), null)
            val told = CompletableDeferred<Boolean>()
            val kept =
                core.listen(
                    object : ChangeListener {
                        override fun changed(change: Change) {
                            core.shutdown()
                            told.complete(core.isInside())
                        }
                    },
                )
            assertTrue(told.await(), "it comes back on the core's own thread")
            core.shutdown()
            assertTrue(kept.isCancelled())
            core.destroy()

            val mine = CompletableDeferred<Storewalk>()
            val ending =
                Host(
                    connectivity = {
                        runBlocking { mine.await().shutdown() }
                        Network.UNMETERED
                    },
                )
            val phone = phone(folder, ending).also { mine.complete(it) }
            val fault = runCatching { phone.sync.now() }.exceptionOrNull()
            // Whichever was first: nobody is signed in either.
            assertTrue(fault is StorewalkException.Closed || fault is StorewalkException.SignedOut, "$fault")
            phone.shutdown()
            assertEquals(Life.OPEN, phone(folder).life)
        }

    @Test
    fun `using shuts down whatever happens inside`() =
        World.play {
            val folder = folder()
            val phone = Storewalk.open(World.setup(folder, server.url))
            val fault = runCatching { phone.using { error("a fault in the app") } }.exceptionOrNull()
            assertEquals("a fault in the app", fault?.message)
            assertEquals(Life.SHUT_DOWN, phone.life)
            assertNull(phone(folder).session.person())
        }
}
