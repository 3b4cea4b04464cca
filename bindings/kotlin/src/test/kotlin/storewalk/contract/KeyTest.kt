package storewalk.contract

import org.junit.jupiter.api.Test
import storewalk.Host
import storewalk.Storewalk
import storewalk.StorewalkException
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull

/** Data under a key: another key, a wrong one, a locked one. */
internal class KeyTest {
    @Test
    fun `another key takes the place of the first and opens what it sealed`() =
        World.play {
            val folder = folder()
            val keys = Keys(1)
            val phone = phoneOf("liwen", folder, Host(keyStore = keys))
            note(phone)
            phone.rotateKey()
            phone.shutdown()
            assertEquals(listOf("storewalk.database", "storewalk.database.2"), keys.kept.keys.toList())
            keys.kept.remove("storewalk.database")
            val again = phone(folder, Host(keyStore = keys))
            assertEquals(1uL, again.sync.status().unsentCommands)
            again.shutdown()
            assertFault<StorewalkException.Storage>("key_wrong") { phone(folder, Host(keyStore = Keys(1))) }
        }

    @Test
    fun `a wrong key opens nothing, touches nothing and leaves a way to begin anew`() =
        World.play {
            val folder = folder()
            val keys = Host(keyStore = Keys(1))
            val others = Host(keyStore = Keys(50))
            val phone = phoneOf("liwen", folder, keys)
            note(phone)
            phone.shutdown()
            assertFault<StorewalkException.Storage>("key_wrong") { phone(folder, others) }
            assertFault<StorewalkException.Storage>("key_needed") { phone(folder) }
            val setup = World.setup(folder, server.url)
            assertFault<StorewalkException.Storage>("key_fits") { Storewalk.openAnew(setup, keys) }
            val untouched = phone(folder, keys)
            assertEquals(1uL, untouched.sync.status().unsentCommands)
            assertNull(untouched.leftBehind)
            untouched.shutdown()

            val anew = Storewalk.openAnew(setup, others)
            val left = assertNotNull(anew.leftBehind)
            assertEquals(1uL to 0uL, left.commands to left.photos)
            anew.session.signIn("liwen", PASSWORD)
            anew.sync.now()
            val today = anew.plan.today()
            assertEquals(8, today.calls.size)
            anew.shutdown()
            val before = phone(Path.of(left.folder), keys)
            assertEquals(1uL, before.sync.status().unsentCommands)
        }

    @Test
    fun `a locked key can be tried again and nothing is set aside`() =
        World.play {
            val folder = folder()
            val keys = Keys(1)
            val phone = phoneOf("liwen", folder, Host(keyStore = keys))
            note(phone)
            phone.shutdown()
            keys.isLocked = true
            val setup = World.setup(folder, server.url)
            assertFault<StorewalkException.Storage>("key_locked") { phone(folder, Host(keyStore = keys)) }
            assertFault<StorewalkException.Storage>("key_locked") { Storewalk.openAnew(setup, Host(keyStore = keys)) }
            keys.isLocked = false
            assertEquals(1uL, phone(folder, Host(keyStore = keys)).sync.status().unsentCommands)
        }

    private suspend fun note(phone: Storewalk) {
        phone.tasks.raise(idOf("outlet", "S0101"), "unsent", "2025-03-20").done()
    }

    /** A key store that keeps a key for each name it is asked for. */
    private class Keys(
        private val seed: Int,
    ) : Host.KeyStore {
        val kept = linkedMapOf<String, ByteArray>()

        @Volatile var isLocked = false

        @Synchronized
        override fun loadOrCreate(name: String): ByteArray {
            if (isLocked) throw Host.Locked()
            val next = (seed + kept.size).toByte()
            return kept.getOrPut(name) { ByteArray(32) { next } }
        }
    }
}
