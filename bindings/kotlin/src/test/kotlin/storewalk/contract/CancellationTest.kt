package storewalk.contract

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test
import storewalk.Storewalk
import storewalk.generated.core.CancelToken
import storewalk.generated.core.CoreException
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds
import storewalk.generated.core.Storewalk as Core

/** Callers that no longer wait. */
internal class CancellationTest {
    @Test
    fun `a cancelled sync ends at once, stops the work behind it and loses nothing`() =
        World.play { scope ->
            val phone = phoneOf("liwen")
            raise(phone, "before")
            server.lineHeld()
            val syncing = scope.async { phone.sync.now() }
            server.awaitHeld()
            withTimeout(5.seconds) { syncing.cancelAndJoin() }
            server.lineUp()
            // Long enough for an answer to come that nobody stopped: somebody else's whole sync.
            phoneOf("wangqiang")
            assertEquals(1uL, phone.sync.status().unsentCommands)
            assertEquals(1uL, phone.sync.now().commandsSent)
            assertEquals(0uL, phone.sync.status().unsentCommands)
            assertEquals(1, phone.tasks.mine().count { it.note == "before" })
        }

    @Test
    fun `following ends when it is cancelled`() =
        World.play { scope ->
            val phone = phoneOf("liwen")
            val other = phoneOf("liwen")
            phone.sync.now()
            val following = scope.async { phone.sync.follow() }
            raise(other, "news")
            other.sync.now()
            following.await()
            phone.sync.now()
            assertEquals(1, phone.tasks.mine().count { it.note == "news" })
            val again = scope.launch(start = CoroutineStart.UNDISPATCHED) { phone.sync.follow() }
            assertTrue(again.isActive, "there is no more news")
            withTimeout(5.seconds) { again.cancelAndJoin() }
        }

    @Test
    fun `a cancelled token refuses every call that is given it`() =
        World.play {
            Storewalk.version
            val core = Core.open(World.setup(folder(), server.url), null)
            val token = CancelToken()
            token.cancel()
            assertTrue(token.isCancelled())
            val refused = assertFailsWith<CoreException.Cancelled> { core.session().signIn("liwen", PASSWORD, token) }
            assertEquals("cancelled", refused.details.code)
            assertEquals(null, core.session().person())
            core.shutdown()
            core.destroy()
        }

    @Test
    fun `what was begun is finished though nobody waits for it`() =
        World.play { scope ->
            val phone = phoneOf("jiangbei")
            val dealer = idOf("dealer", "D01")
            repeat(ABANDONED) {
                // Undispatched it has reached the core before it is cancelled.
                val creating = scope.launch(start = CoroutineStart.UNDISPATCHED) { phone.orders.createDraft(dealer) }
                creating.cancelAndJoin()
            }
            eventually("all $ABANDONED drafts are there") { phone.orders.drafts().size == ABANDONED }
        }

    @Test
    fun `an opening that nobody waits for leaves its folder free`() =
        World.play { scope ->
            Storewalk.version
            val folder = folder()
            val opening =
                scope.launch(start = CoroutineStart.UNDISPATCHED) { Core.open(World.setup(folder, server.url), null) }
            opening.cancelAndJoin()
            eventually("it can be opened") {
                runCatching { Core.open(World.setup(folder, server.url), null) }
                    .onSuccess {
                        it.shutdown()
                        it.destroy()
                    }.isSuccess
            }
        }

    @Test
    fun `two hundred calls at once are all answered`() =
        World.play { scope ->
            val phone = phoneOf("liwen")
            val calls =
                List(200) {
                    scope.async {
                        phone.plan
                            .today()
                            .calls.size
                    }
                }
            assertEquals(setOf(8), calls.awaitAll().toSet())
        }

    private suspend fun raise(
        phone: Storewalk,
        note: String,
    ) = phone.tasks.raise(idOf("outlet", "S0101"), note, "2025-03-20").done()

    private companion object {
        const val ABANDONED = 20
    }
}
