package storewalk.contract

import org.junit.jupiter.api.Test
import storewalk.Attempt
import storewalk.Currency
import storewalk.Money
import storewalk.PriceAnswer
import storewalk.PriceQuestion
import storewalk.StorewalkException
import storewalk.text
import java.io.File
import javax.imageio.ImageIO
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** What crosses comes out as it went in, or is refused in words; nothing brings the host down. */
internal class ValueTest {
    @Test
    fun `emoji, rare Hanzi and combining marks come back letter for letter`() =
        World.play {
            val phone = phoneOf("liwen")
            val outlet = idOf("outlet", "S0101")
            val notes = listOf("补货 😀👩‍👩‍👧‍👦🇨🇳", "𠮷野家 𰻞𰻞面 㐂 龘", "é e\u0301 \u202Eabc", "\"'\\;--\n\t%s{}")
            val ids = notes.map { phone.tasks.raise(outlet, it, "2025-03-20").done() }
            assertEquals(0uL, phone.sync.now().refused)
            val other = phoneOf("liwen")
            for (reader in listOf(phone, other)) {
                val tasks = reader.tasks.mine().associateBy { it.id }
                assertEquals(notes, ids.map { tasks.getValue(it).note })
            }
        }

    @Test
    fun `a NUL in a text comes back or is refused, and what is around it stays`() =
        World.play {
            val phone = phoneOf("liwen")
            val attempt = phone.tasks.raise(idOf("outlet", "S0101"), "before\u0000after", "2025-03-20")
            assertEquals(listOf("text_invalid"), attempt.refused())
            assertEquals(
                8,
                phone.plan
                    .today()
                    .calls.size,
            )
        }

    @Test
    fun `half a character is refused and the core works on`() =
        World.play {
            val phone = phoneOf("liwen")
            val half = "\uD83D"
            assertFault<StorewalkException.Rejected>("argument_invalid") {
                phone.tasks.raise(idOf("outlet", "S0101"), half, "2025-03-20")
            }
            val folder = folder().toString()
            assertFault<StorewalkException.Rejected>("argument_invalid") { phone { copy(folder = folder + half) } }
            assertEquals(
                8,
                phone.plan
                    .today()
                    .calls.size,
            )
        }

    @Test
    fun `numbers at their limits are taken or refused, never wrapped`() =
        World.play {
            val phone = phoneOf("jiangbei")
            val draft = phone.orders.createDraft(idOf("dealer", "D01")).done()
            val product = idOf("product", "P1")
            for (quantity in listOf(0u, UInt.MAX_VALUE, Int.MAX_VALUE.toUInt() + 1u)) {
                val attempt = phone.orders.setLine(draft, product, quantity)
                if (attempt is Attempt.Done && quantity > 0u) {
                    assertEquals(
                        quantity,
                        attempt.value.lines
                            .single()
                            .quantity,
                    )
                    val payable =
                        attempt.value.priced
                            ?.payable
                            ?.minor
                    assertTrue(payable == null || payable > 0, "$quantity cost $payable")
                }
            }
            assertEquals("-92,233,720,368,547,758.08", Money(Long.MIN_VALUE, Currency.CNY).text)
            assertEquals("-0.01", Money(-1, Currency.CNY).text)
            assertEquals("92,233,720,368,547,758.07", Money(Long.MAX_VALUE, Currency.CNY).text)
        }

    @Test
    fun `the copy of a photo is as large as the host wants it or there is none`() =
        World.play {
            // A stamp that can be read needs 320 pixels; the picture has 348.
            for ((edge, longest) in listOf(330u to 330, 1u to 320, UInt.MAX_VALUE to 348, 0u to null)) {
                val phone = phoneOf("liwen") { copy(copyLongEdge = edge) }
                val visit = Walk.arrive(phone)
                phone.photos.capture(visit, "product_zone", picture(0)).done()
                val photo = phone.photos.ofVisit(visit).single()
                val copy = photo.stampedPath?.let { ImageIO.read(File(it)) }
                assertEquals(longest, copy?.let { maxOf(it.width, it.height) })
                phone.shutdown()
            }
        }

    @Test
    fun `a price is an exact number or no price`() =
        World.play {
            val phone = phoneOf("liwen")
            val visit = Walk.arrive(phone)
            Walk.through(phone, visit)
            val question = Walk.questions(phone, visit).first { it.kind is PriceQuestion }
            phone.checklists.answer(visit, question, PriceAnswer("949.00")).done()
            for (price in listOf("", "NaN", "1e400", "9,49", "９４９", "1".repeat(60), "\u0000")) {
                assertArgument("answer") { phone.checklists.answer(visit, question, PriceAnswer(price)) }
            }
            for (price in listOf("-1", "79228162514264337593543950335")) {
                assertIs<Attempt.Refused>(phone.checklists.answer(visit, question, PriceAnswer(price)))
            }
            val kept =
                Walk.questions(phone, visit).single {
                    it.item == question.item &&
                        it.instance == question.instance
                }
            assertEquals("949.00", assertIs<PriceAnswer>(kept.answer).value)
        }
}
