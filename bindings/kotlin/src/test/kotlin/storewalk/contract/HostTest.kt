package storewalk.contract

import org.junit.jupiter.api.Test
import storewalk.Host
import storewalk.Log
import storewalk.LogLevel
import storewalk.PhotoStatus
import storewalk.StorewalkException
import storewalk.SyncStateKind
import storewalk.TransferRequest
import java.io.RandomAccessFile
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.test.assertEquals
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
            assertTrue(Log.listen(LogLevel.DEBUG) { _, _, line -> lines += line })
            phoneOf("liwen")
            Log.stop()
            assertTrue(lines.isNotEmpty(), "a sign-in and a sync leave a trace")
            assertTrue(lines.none { line -> listOf("李雯", PASSWORD, "Bearer").any { it in line } })
        }
}
