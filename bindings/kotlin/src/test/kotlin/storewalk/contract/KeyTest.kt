package storewalk.contract

import org.junit.jupiter.api.Test
import storewalk.Host
import storewalk.Storewalk
import storewalk.StorewalkException
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

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

    @Test
    fun `when the host cannot make another key the one before still counts`() =
        World.play {
            val folder = folder()
            val keys = Keys(1)
            val phone = phoneOf("liwen", folder, Host(keyStore = keys))
            keys.isLocked = true
            assertFault<StorewalkException.Storage>("key_locked") { phone.rotateKey() }
            note(phone)
            phone.shutdown()
            keys.isLocked = false
            val again = phone(folder, Host(keyStore = keys))
            assertEquals(1uL, again.sync.status().unsentCommands)
            assertEquals(listOf("storewalk.database"), keys.kept.keys.toList())
            again.rotateKey()
            assertEquals(listOf("storewalk.database", "storewalk.database.2"), keys.kept.keys.toList())
        }

    @Test
    fun `a key that is gone for good leaves a way to begin anew`() =
        World.play {
            val folder = folder()
            val phone = phoneOf("liwen", folder, Host(keyStore = Keys(1)))
            note(phone)
            phone.shutdown()
            val forgetful =
                object : Keys(50) {
                    override fun loadOrCreate(name: String): ByteArray =
                        if (name == "storewalk.database") throw Host.Gone() else super.loadOrCreate(name)
                }
            val host = Host(keyStore = forgetful)
            assertFault<StorewalkException.Storage>("key_gone") { phone(folder, host) }
            val anew = Storewalk.openAnew(World.setup(folder, server.url), host)
            assertEquals(1uL, anew.leftBehind?.commands)
            assertNull(anew.session.person())
            anew.shutdown()
            assertEquals(listOf("storewalk.database.2"), forgetful.kept.keys.toList())
            assertNull(phone(folder, host).leftBehind)
        }

    @Test
    fun `under a key a photo lies sealed and is shown while it is looked at`() =
        World.play {
            val folder = folder()
            val phone = phoneOf("liwen", folder, Host(keyStore = Keys(1)))
            val visit = Walk.arrive(phone)
            val taken =
                phone.photos
                    .capture(visit, "product_zone", picture(0))
                    .done()
                    .photoId
            val photo = phone.photos.ofVisit(visit).single()
            val thumbnail = Path.of(assertNotNull(photo.thumbnailPath))
            val original = Path.of(assertNotNull(photo.originalPath))
            assertEquals(listOf<Byte>(-1, -40), thumbnail.readBytes().take(2))
            assertEquals(photo.originalPath, phone.photos.reveal(taken))
            assertContentEquals(Path.of(picture(0)).readBytes(), original.readBytes())
            assertEquals(emptyList(), picturesIn(folder.resolve("photos")))
            phone.pause()
            assertFalse(thumbnail.exists() || original.exists())
            phone.resume()
            phone.photos.ofVisit(visit)
            assertTrue(thumbnail.exists())
        }

    private suspend fun note(phone: Storewalk) {
        phone.tasks.raise(idOf("outlet", "S0101"), "unsent", "2025-03-20").done()
    }
}
