package storewalk.contract

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import storewalk.Host
import storewalk.Log
import storewalk.LogLevel
import storewalk.Network
import storewalk.PhotoStatus
import storewalk.Storewalk
import storewalk.StorewalkException
import storewalk.SyncStateKind
import storewalk.TransferRequest
import java.io.RandomAccessFile
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicReference
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.readBytes
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** Files sent by the host, a network that returns, and the core's log in the host's. */
internal class HostTest {
    @Test
    fun `files that the host sends arrive and are believed only when the server says so`() =
        World.play {
            val bag = ConcurrentLinkedQueue<TransferRequest>()
            val courier =
                Host(
                    transport = {
                        check(bag.size < 2) { "the bag is full" }
                        bag += it
                    },
                )
            val phone = phoneOf("liwen", host = courier)
            val visit = Walk.arrive(phone)
            listOf("product_zone", "storefront").forEachIndexed { place, zone ->
                phone.photos.capture(visit, zone, picture(place)).done()
            }
            phone.sync.now()
            // The third does not fit the bag and is due again.
            assertEquals(2, phone.photos.handOut(3))
            val (sent, lost) = bag.toList()
            assertTrue(bag.all { it.offset == 0uL && it.length > 0uL })
            assertEquals(204, send(sent))
            for (request in listOf(sent, lost)) phone.photos.transferEnded(request.id)
            val report = phone.photos.upload()
            assertEquals(listOf(2uL, 2uL, null), listOf(report.thumbnails, report.originals, report.error))
            phone.sync.now()
            assertTrue(phone.photos.ofVisit(visit).all { it.status == PhotoStatus.RECEIVED })
        }

    @Test
    fun `of sealed data the host is handed a plain copy that goes when its transfer has ended`() =
        World.play {
            val folder = folder()
            val bag = ConcurrentLinkedQueue<TransferRequest>()
            val phone = phoneOf("liwen", folder, Host(keyStore = Keys(1), transport = { bag += it }))
            val visit = Walk.arrive(phone)
            phone.photos.capture(visit, "product_zone", picture(0)).done()
            phone.sync.now()
            assertEquals(2, phone.photos.handOut(9))
            val copy = Path.of(bag.last().filePath)
            assertTrue(copy.isAbsolute)
            assertContentEquals(Path.of(picture(0)).readBytes(), copy.readBytes())
            assertEquals(bag.last().length.toLong(), copy.fileSize())
            assertEquals(emptyList(), picturesIn(folder.resolve("photos")))
            phone.pause()
            assertTrue(copy.exists(), "suspended is what it is sent in")
            phone.resume()
            for (request in bag) {
                assertEquals(204, send(request))
                phone.photos.transferEnded(request.id)
            }
            assertEquals(emptyList(), picturesIn(folder.resolve("outgoing")))
            val report = phone.photos.upload()
            assertEquals(listOf(1uL, 1uL, null), listOf(report.thumbnails, report.originals, report.error))
            phone.sync.now()
            assertEquals(
                PhotoStatus.RECEIVED,
                phone.photos
                    .ofVisit(visit)
                    .single()
                    .status,
            )
        }

    @Test
    fun `a copy that was handed out outlives a kill until its transfer has ended`() =
        World.play {
            val folder = folder()
            val host = Host(keyStore = Keys(1))
            val before = phoneOf("liwen", folder, host)
            before.photos.capture(Walk.arrive(before), "product_zone", picture(0)).done()
            before.sync.now()
            before.shutdown()
            val handed =
                Child.start("hand", folder, server.url).use { child ->
                    List(2) { checkNotNull(child.line()).split(" ", limit = 2) }.also { child.kill() }
                }
            val phone = phone(folder, host)
            assertContentEquals(Path.of(picture(0)).readBytes(), Path.of(handed[1][1]).readBytes())
            assertEquals(0uL, phone.photos.upload().originals, "it may still be on its way")
            for ((id, file) in handed) {
                phone.photos.transferEnded(id)
                assertFalse(Path.of(file).exists())
            }
            val report = phone.photos.upload()
            assertEquals(listOf(1uL, 1uL, null), listOf(report.thumbnails, report.originals, report.error))
        }

    @Test
    fun `originals wait for a network that is not paid for by volume unless they are wanted now`() =
        World.play {
            val metered = Host(connectivity = { Network.METERED })

            suspend fun taken(
                phone: Storewalk,
                outlet: String,
            ): Storewalk {
                phone.photos.capture(Walk.arrive(phone, outlet), "product_zone", picture(0)).done()
                phone.sync.now()
                return phone
            }
            val phone = taken(phoneOf("liwen", host = metered), "S0101")
            repeat(2) { assertEquals(0uL, phone.photos.upload().originals) }
            assertEquals(1uL, phone.sync.status().unsentPhotos)
            phone.photos.sendOriginalsNow()
            assertEquals(1uL, phone.photos.upload().originals)
            val hasty = phoneOf("wangqiang", host = metered) { copy(originalsWaitDays = 0u) }
            assertEquals(1uL, taken(hasty, "S0601").photos.upload().originals)
        }

    @Test
    fun `a service of the host may call the core from inside its call`() =
        World.play {
            val folder = folder()
            val url = server.url
            val answered = ConcurrentHashMap.newKeySet<String>()
            val mine = AtomicReference<Storewalk>()

            fun call(what: String) {
                val phone = mine.get() ?: return
                runBlocking {
                    phone.sync.status()
                    phone.sync.networkReturned()
                }
                answered += what
            }
            val calling =
                Host(
                    keyStore = {
                        val fault =
                            runBlocking { runCatching { Storewalk.open(World.setup(folder, url)) } }.exceptionOrNull()
                        check((fault as StorewalkException).code == "already_open")
                        call("key")
                        ByteArray(32) { _ -> it.length.toByte() }
                    },
                    connectivity = {
                        call("network")
                        Network.UNMETERED
                    },
                    freeSpace = {
                        call("room")
                        Long.MAX_VALUE
                    },
                    positionSource = {
                        call("place")
                        null
                    },
                    transport = { call("transfer") },
                )
            val phone = phone(folder, calling).also { mine.set(it) }
            phone.session.signIn("liwen", PASSWORD)
            phone.sync.now()
            val visit =
                phone.visits
                    .start(idOf("outlet", "S0101"))
                    .done()
                    .visitId
            phone.photos.capture(visit, "product_zone", picture(0)).done()
            phone.sync.now()
            assertEquals(2, phone.photos.handOut(9))
            phone.rotateKey()
            assertEquals(setOf("key", "network", "room", "place", "transfer"), answered.toSet())
        }

    /** Sends a request as a background job would; the server's answer. */
    private fun send(transfer: TransferRequest): Int {
        val body = ByteArray(transfer.length.toInt())
        RandomAccessFile(transfer.filePath, "r").use {
            it.seek(transfer.offset.toLong())
            it.readFully(body)
        }
        val request =
            HttpRequest
                .newBuilder(URI(transfer.url))
                .method(transfer.method, HttpRequest.BodyPublishers.ofByteArray(body))
        // The JDK's client sets these two by itself and refuses to be told.
        transfer.headers
            .filterKeys { it.lowercase() !in setOf("content-length", "host") }
            .forEach { (name, value) -> request.setHeader(name, value) }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode()
    }

    @Test
    fun `without a transport nothing is handed out`() =
        World.play {
            val phone = phoneOf("liwen")
            phone.photos.capture(Walk.arrive(phone), "product_zone", picture(0)).done()
            phone.sync.now()
            assertEquals(0, phone.photos.handOut(10))
            assertEquals(1uL, phone.photos.upload().originals)
        }

    @Test
    fun `when the network returns what waited for it is due`() =
        World.play {
            val phone = phoneOf("liwen")
            phone.tasks.raise(idOf("outlet", "S0101"), "waits", "2025-03-20").done()
            server.lineDown()
            repeat(6) { assertFault<StorewalkException.Unreachable>("offline") { phone.sync.now() } }
            val waiting = phone.sync.status()
            assertEquals(6u, waiting.failures)
            val waitMs = waiting.nextAttemptAtMs - System.currentTimeMillis()
            assertTrue(waitMs > 20_000, "after six failures it waits for half a minute at least")
            phone.sync.networkReturned()
            assertTrue(phone.sync.status().nextAttemptAtMs <= System.currentTimeMillis() + 2_000)
            server.lineUp()
            assertEquals(1uL, phone.sync.now().commandsSent)
            val kind =
                phone.sync
                    .status()
                    .state.kind
            assertTrue(kind != SyncStateKind.WAITS_FOR_NETWORK && kind != SyncStateKind.SENDING, "$kind")
        }

    @Test
    fun `the log reaches the host and names nobody`() =
        World.play {
            val lines = ConcurrentLinkedQueue<String>()
            val isOurs =
                Log.listen(LogLevel.DEBUG) { _, _, line ->
                    lines += line
                    error("a fault in the app, which is passed over")
                }
            assertTrue(isOurs)
            phoneOf("liwen")
            Log.stop()
            assertTrue(lines.isNotEmpty(), "a sign-in and a sync leave a trace")
            assertTrue(lines.none { line -> listOf("李雯", PASSWORD, "Bearer").any { it in line } })
        }
}
