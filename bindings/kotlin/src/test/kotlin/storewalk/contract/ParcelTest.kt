package storewalk.contract

import org.junit.jupiter.api.Test
import storewalk.StorewalkException
import java.nio.file.Path
import kotlin.io.path.fileSize
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** Work that goes by another road, and the word of the server that it arrived. */
internal class ParcelTest {
    private val outlet = idOf("outlet", "S0101")

    @Test
    fun `what is packed is carried by somebody else and arrives once`() =
        World.play {
            val mine = phoneOf("liwen")
            val theirs = phoneOf("wangqiang")
            server.lineDown()
            val task = mine.tasks.raise(outlet, "carried", "2025-03-20").done()
            val packing = mine.parcels.pack(folder().toString())
            assertEquals(listOf(1uL, 0uL, 0uL), listOf(packing.commands, packing.photos, packing.missingPhotos))
            val file = Path.of(packing.files.single())
            assertEquals(packing.bytes, file.fileSize().toULong())
            assertTrue("carried" !in file.readBytes().toString(Charsets.ISO_8859_1))
            assertEquals(1uL, mine.sync.status().unsentCommands, "packing sends nothing")

            val parcel = theirs.parcels.carry("$file")
            assertEquals(packing.bytes, parcel.sizeBytes)
            assertEquals(parcel, theirs.parcels.carry("$file"))
            assertEquals(listOf(parcel), theirs.parcels.carried())
            assertFault<StorewalkException.Rejected>("not_found") { theirs.parcels.discard(parcel.id) }
            val failed = theirs.parcels.deliver()
            assertEquals(listOf(0uL, 1uL), listOf(failed.taken, failed.left))
            val tried = theirs.parcels.carried().single()
            assertEquals(1u to "offline", tried.attempts to tried.lastError)

            server.lineUp()
            theirs.sync.networkReturned()
            val delivery = theirs.parcels.deliver()
            assertEquals(listOf(1uL, 0uL, 0uL), listOf(delivery.taken, delivery.refused, delivery.left))
            assertTrue(theirs.parcels.carried().isEmpty())
            val other = phoneOf("liwen")
            assertEquals(0uL, mine.sync.now().refused)
            assertEquals(0uL, mine.sync.status().unsentCommands)
            for (phone in listOf(other, mine)) {
                assertEquals(
                    task,
                    phone.tasks
                        .mine()
                        .single { it.note == "carried" }
                        .id,
                )
            }
        }

    @Test
    fun `a file that is no parcel is refused and so is one cut short`() =
        World.play {
            val mine = phoneOf("liwen")
            val theirs = phone()
            mine.tasks.raise(outlet, "cut", "2025-03-20").done()
            val file =
                Path.of(
                    mine.parcels
                        .pack(folder().toString())
                        .files
                        .single(),
                )
            val bad = file.resolveSibling("bad.parcel")
            val contents =
                mapOf(
                    "parcel_unknown" to "this is text".toByteArray(),
                    "parcel_truncated" to file.readBytes().copyOf(20),
                )
            for ((code, content) in contents) {
                bad.writeBytes(content)
                assertFault<StorewalkException.Rejected>(code) { theirs.parcels.carry("$bad") }
            }
            assertFault<StorewalkException.Storage>("file_fault") { theirs.parcels.carry("$bad-gone") }
            for (path in listOf("", "\u0000")) assertArgument("path") { theirs.parcels.carry(path) }
            assertTrue(theirs.parcels.carried().isEmpty())
        }

    @Test
    fun `what was captured is listed in words and its receipt can be shown`() =
        World.play {
            val phone = phoneOf("liwen")
            val visit = Walk.arrive(phone)
            val photo =
                phone.photos
                    .capture(visit, "product_zone", picture(0))
                    .done()
                    .photoId
            val waiting = phone.sync.ledger(100)
            assertTrue(waiting.all { it.what.zh.isNotEmpty() && it.what.en.isNotEmpty() })
            assertTrue(waiting.none { it.isSent || it.hasReceipt })
            assertNull(phone.sync.receipt(waiting.first().commandId))
            assertTrue(waiting.last().capturedAtMs <= waiting.first().capturedAtMs)
            assertEquals(listOf(1, 0), listOf(phone.sync.ledger(1).size, phone.sync.ledger(0).size))

            phone.sync.now()
            phone.photos.upload()
            phone.sync.now()
            val sent = phone.sync.ledger(100)
            assertEquals(waiting.map { it.commandId }, sent.map { it.commandId })
            assertTrue(sent.all { it.isSent && it.hasReceipt })
            for (item in listOf(sent.first().commandId, photo)) {
                val receipt = assertNotNull(phone.sync.receipt(item))
                assertTrue(receipt.isTrusted && item in receipt.line && receipt.sha256 in receipt.export)
            }
            assertNull(phone.sync.receiptHealth().problem)
        }
}
