package storewalk.contract

import org.junit.jupiter.api.Test
import storewalk.CallState
import storewalk.GiftEarnedStep
import storewalk.LadderReachedStep
import storewalk.ListPriceStep
import storewalk.NoticeKind
import storewalk.OrderStatus
import storewalk.Photo
import storewalk.PhotoStatus
import storewalk.Role
import storewalk.Storewalk
import storewalk.text
import java.io.File
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** What a day in the field needs, from signing in to a photo that comes back. */
internal class FieldDayTest {
    @Test
    fun `signing in enrols the phone and the plan of the day comes with the first sync`() =
        World.play {
            val phone = phone()
            assertNull(phone.session.person())
            val person = phone.session.signIn("liwen", PASSWORD)
            assertEquals(listOf("李雯", "R001"), listOf(person.name, person.code))
            assertEquals(Role.REP, person.role)
            assertTrue(phone.sync.now().isComplete)
            val today = phone.plan.today()
            assertEquals("2025-03-14", today.date)
            assertEquals(listOf("S0101", "S0103", "S0102"), today.calls.take(3).map { it.outletCode })
            assertEquals(8, today.calls.size)
            assertTrue(today.calls.all { it.state == CallState.PLANNED })
        }

    @Test
    fun `a whole visit is made without a network and arrives with its photos`() =
        World.play {
            val phone = phoneOf("liwen")
            server.lineDown()
            server.clock("2025-03-14T08:43")
            val visit = Walk.arrive(phone)
            val checkIn = assertNotNull(phone.visits.view(visit).checkIn)
            assertEquals(38.0, assertNotNull(checkIn.distanceM), 0.5)
            val photos = Walk.through(phone, visit)
            assertEquals(5, photos.size)
            val finished = phone.visits.finish(visit).done()
            assertEquals("80.0", finished.hitPct)
            assertEquals("85", finished.summary.score.total)
            assertEquals(45, Walk.answers(phone.visits.view(visit)).size)
            assertEquals(1, finished.tasks.count { it.kind == "assortment_gap" })
            val waiting = phone.sync.status()
            assertTrue(waiting.unsentCommands > 45u, "everything waits: $waiting")
            assertEquals(5uL, waiting.unsentPhotos)

            server.lineUp()
            val sent = phone.sync.now()
            assertEquals(0uL, sent.refused)
            assertTrue(sent.isComplete)
            val upload = phone.photos.upload()
            assertEquals(listOf(5uL, 5uL), listOf(upload.thumbnails, upload.originals))
            phone.sync.now()
            val after = phone.sync.status()
            assertEquals(listOf(0uL, 0uL), listOf(after.unsentCommands, after.unsentPhotos))
            assertNull(after.lastError)
            assertTrue(phone.photos.ofVisit(visit).all { it.status == PhotoStatus.RECEIVED })
            assertEquals(
                CallState.DONE,
                phone.plan
                    .today()
                    .calls
                    .first { it.outletCode == "S0101" }
                    .state,
            )
        }

    @Test
    fun `an order is priced with its trace and placed`() =
        World.play {
            val phone = phoneOf("jiangbei")
            server.lineDown()
            val dealer = idOf("dealer", "D01")
            val draft = phone.orders.createDraft(dealer).done()
            phone.orders.setLine(draft, idOf("product", "P1"), 20u).done()
            phone.orders.setLine(draft, idOf("product", "P2"), 10u).done()
            val view = phone.orders.setLine(draft, idOf("product", "A10"), 40u).done()
            val priced = assertNotNull(view.priced)
            assertEquals("v7", priced.priceListCode)
            assertContentEquals(listOf("17,200.00", "13,900.00", "960.00"), priced.lines.map { it.amount.text })
            assertEquals("31,418.80", priced.payable.text)
            assertTrue(priced.lines.all { line -> line.trace.any { it is ListPriceStep } })
            assertTrue(priced.gifts.any { gift -> gift.quantity == 2u && gift.trace.any { it is GiftEarnedStep } })
            assertTrue(assertNotNull(priced.rebate).trace.any { it is LadderReachedStep })
            assertTrue(view.explanation.all { it.zh.isNotEmpty() && it.en.isNotEmpty() })
            val fewer = phone.orders.setLine(draft, idOf("product", "P1"), 10u).done()
            assertEquals("23,460.00", assertNotNull(fewer.priced).payable.text)
            phone.orders.setLine(draft, idOf("product", "P1"), 20u).done()

            val placed = phone.orders.submit(draft).done()
            assertEquals(false, phone.orders.view(placed.orderId).hasArrived)
            server.lineUp()
            phone.sync.now()
            val order = phone.orders.view(placed.orderId)
            assertTrue(order.hasArrived)
            assertEquals("31,418.80", order.payable.text)
            // The dealer's books leave less room than that.
            assertEquals(OrderStatus.HELD, order.status)
            assertTrue(phone.notices.items().any { it.kind == NoticeKind.HELD })
        }

    @Test
    fun `a retake shows without a network how a colleague took it`() =
        World.play {
            suspend fun taken(
                phone: Storewalk,
                outlet: String,
                number: Int,
            ): Photo {
                val visit = Walk.arrive(phone, outlet)
                phone.photos.capture(visit, "product_zone", picture(number)).done()
                phone.sync.now()
                phone.photos.upload()
                phone.sync.now()
                return phone.photos.ofVisit(visit).single()
            }
            val phone = phoneOf("liwen")
            val rejected = taken(phone, "S0101", 1)
            val example = taken(phoneOf("wangqiang"), "S0107", 2)
            server.reject(rejected.id, "empty_slot", "像这样摆满", like = example.id)
            phone.sync.now()
            server.lineDown()
            val verdict =
                phone.photos
                    .rejected()
                    .single()
                    .verdict
            assertEquals(example.id, verdict.referencePhotoId)
            val shown = File(assertNotNull(verdict.referencePath))
            assertContentEquals(File(assertNotNull(example.thumbnailPath)).readBytes(), shown.readBytes())

            phone.photos.capture(rejected.visitId, "product_zone", picture(3), replaces = rejected.id).done()
            server.lineUp()
            phone.sync.now()
            assertFalse(shown.exists())
        }

    @Test
    fun `a rejected photo comes back with its reason and is taken again`() =
        World.play {
            val phone = phoneOf("liwen")
            val visit = Walk.arrive(phone)
            val photo = Walk.through(phone, visit)[1]
            phone.visits.finish(visit).done()
            phone.sync.now()
            phone.photos.upload()
            phone.sync.now()
            assertTrue(phone.photos.rejected().isEmpty())

            server.reject(photo, "empty_slot", "第二层左边空了一个位置")
            phone.sync.now()
            val retake = phone.photos.rejected().single()
            assertEquals(photo, retake.photo.id)
            assertEquals("第二层左边空了一个位置", retake.verdict.note)
            val pin = assertNotNull(retake.verdict.pin)
            assertEquals(listOf(0.315, 0.42), listOf(pin.x, pin.y))
            assertEquals("73", assertNotNull(phone.visits.view(visit).summary).score.total)

            val zone = retake.photo.zone
            val again =
                phone.photos
                    .capture(visit, zone, picture(11), replaces = photo)
                    .done()
                    .photoId
            assertTrue(phone.photos.rejected().isEmpty())
            phone.sync.now()
            phone.photos.upload()
            phone.sync.now()
            server.approve(again)
            phone.sync.now()
            val photos = phone.photos.ofVisit(visit).associateBy { it.id }
            assertEquals(again, photos.getValue(photo).replacedBy)
            assertEquals(photo, photos.getValue(again).replaces)
            assertEquals(PhotoStatus.APPROVED, photos.getValue(again).status)
            assertEquals("85", assertNotNull(phone.visits.view(visit).summary).score.total)
        }
}
