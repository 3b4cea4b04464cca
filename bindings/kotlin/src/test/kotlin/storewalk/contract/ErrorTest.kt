package storewalk.contract

import org.junit.jupiter.api.Test
import storewalk.Attempt
import storewalk.CountAnswer
import storewalk.Datum
import storewalk.Fix
import storewalk.Host
import storewalk.Network
import storewalk.Position
import storewalk.StorewalkException
import storewalk.TextAnswer
import storewalk.YesNoQuestion
import java.nio.file.Files
import kotlin.io.path.writeText
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** What goes wrong comes as one of a few kinds with a stable code and words; what the rules refuse comes as a value. */
internal class ErrorTest {
    @Test
    fun `each fault has its kind, its code and words in both languages`() =
        World.play {
            val phone = phone()
            assertFault<StorewalkException.SignedOut>("signed_out") { phone.plan.today() }
            assertFault<StorewalkException.Rejected>("sign_in_failed") { phone.session.signIn("liwen", "wrong") }
            phone.session.signIn("liwen", PASSWORD)
            phone.sync.now()
            val unknown = idOf("outlet", "nowhere")
            assertFault<StorewalkException.Rejected>("not_found") { phone.visits.brief(unknown) }
            server.lineDown()
            val offline = assertFault<StorewalkException.Unreachable>("offline") { phone.sync.now() }
            assertEquals(null, offline.retryAfterMs)
            phone.tasks.raise(idOf("outlet", "S0101"), "unsent", "2025-03-20").done()
            val unsent = assertFault<StorewalkException.Unsent>("unsent") { phone.session.signOut() }
            assertEquals(listOf(1L, 0L, 0L), listOf(unsent.commands, unsent.photos, unsent.drafts))
        }

    @Test
    fun `an argument that cannot be read is named`() =
        World.play {
            val phone = phoneOf("liwen")
            for (id in listOf("", "S0101", "\u0000", "😀", "0".repeat(10_000))) {
                assertArgument("outlet_id") { phone.visits.brief(id) }
            }
            assertArgument("date") { phone.plan.on("14.03.2025") }
            assertArgument("visit_id") { phone.photos.capture("x", "product_zone", picture(0)) }
            val visit = idOf("visit", "none")
            for (tilt in listOf(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 181f)) {
                assertArgument("tilt") { phone.photos.capture(visit, "product_zone", picture(0), tilt = tilt) }
            }
            val outlet = idOf("outlet", "S0101")
            for (lat in listOf(Double.NaN, Double.POSITIVE_INFINITY, 91.0)) {
                val fix = Fix(Position(lat, 114.0, Datum.WGS84), accuracyM = 5.0, isMock = false)
                assertArgument("fix") { phone.visits.start(outlet, fix) }
            }
            val vague = Fix(Position(30.5, 114.0, Datum.WGS84), accuracyM = Double.NaN, isMock = false)
            assertArgument("fix") { phone.visits.start(outlet, vague) }
        }

    @Test
    fun `what the rules refuse is a value with reasons and changes nothing`() =
        World.play {
            val phone = phoneOf("liwen")
            val visit = Walk.arrive(phone)
            val refused = assertIs<Attempt.Refused>(phone.visits.finish(visit))
            assertTrue(refused.problems.isNotEmpty())
            assertTrue(
                refused.problems.all {
                    it.code.isNotEmpty() && it.what.zh.isNotEmpty() &&
                        it.nextStep.en.isNotEmpty()
                },
            )
            assertEquals(visit, phone.visits.open()?.id)
            val question = Walk.questions(phone, visit).first { it.kind is YesNoQuestion }
            assertIs<Attempt.Refused>(phone.checklists.answer(visit, question, TextAnswer("not what is asked")))
            assertIs<Attempt.Refused>(phone.checklists.answer(visit, question, CountAnswer(Long.MIN_VALUE)))
            assertIs<Attempt.Refused>(phone.checklists.beginStep(visit, 99))
            assertIs<Attempt.Refused>(phone.checklists.beginStep(visit, -1))
        }

    @Test
    fun `a file that is no picture is refused and a missing one too`() =
        World.play {
            val phone = phoneOf("liwen")
            val visit = Walk.arrive(phone)
            val text = Files.createTempFile("no-picture", ".jpg").apply { writeText("this is text") }
            assertIs<Attempt.Refused>(phone.photos.capture(visit, "product_zone", text.toString()))
            for (path in listOf("$text-gone", "", "\u0000", "/")) {
                assertFault<StorewalkException.Storage>(
                    "file_fault",
                ) { phone.photos.capture(visit, "product_zone", path) }
            }
            assertEquals(0, phone.photos.ofVisit(visit).size)
        }

    @Test
    fun `a folder or an address that cannot be used is refused at the door`() =
        World.play {
            val file = Files.createTempFile("in-the-way", "").toString()
            for (path in listOf(file, "$file/below", folder().toString() + "x".repeat(300))) {
                assertFault<StorewalkException.Storage>("file_fault") { phone { copy(folder = path) } }
            }
            for (url in listOf("", "shop", "ftp://example.test", "http://")) {
                assertArgument("server_url") { phone(url = url) }
            }
            for (path in listOf("", "a\u0000b")) assertArgument("folder") { phone { copy(folder = path) } }
            assertArgument("zone") { phone { copy(zone = "Mars/Olympus") } }
        }

    @Test
    fun `a key that is locked, gone or none keeps the core closed and leaves its folder free`() =
        World.play {
            val folder = folder()
            val stores =
                mapOf(
                    "key_locked" to Host.KeyStore { throw Host.Locked() },
                    "key_gone" to Host.KeyStore { throw Host.Gone() },
                    "key_unusable" to Host.KeyStore { ByteArray(31) },
                )
            for ((code, store) in stores) {
                assertFault<StorewalkException.Storage>(code) { phone(folder, Host(keyStore = store)) }
            }
            val throwing = Host.KeyStore { error("a fault in the app") }
            assertFault<StorewalkException.Storage>("key_unusable") { phone(folder, Host(keyStore = throwing)) }
            val asked = mutableListOf<String>()
            val good =
                Host.KeyStore {
                    asked += it
                    ByteArray(32) { place -> place.toByte() }
                }
            phone(folder, Host(keyStore = good)).sync.status()
            assertEquals(1, asked.size)
        }

    @Test
    fun `a host that knows something is asked and one that throws is done without`() =
        World.play {
            val offline = phone(host = Host(connectivity = { Network.OFFLINE }))
            assertFault<StorewalkException.Unreachable>("offline") { offline.session.signIn("liwen", PASSWORD) }
            val broken =
                Host(
                    connectivity = { error("a fault in the app") },
                    freeSpace = { error("a fault in the app") },
                    positionSource = { throw Host.NotAllowed() },
                )
            val phone = phoneOf("liwen", host = broken)
            val visit = Walk.arrive(phone)
            phone.photos.capture(visit, "product_zone", picture(0)).done()

            val full = phoneOf("wangqiang", host = Host(freeSpace = { 1_000 }))
            val theirs =
                full.visits
                    .start(idOf("outlet", "S0601"))
                    .done()
                    .visitId
            assertFault<StorewalkException.Storage>("storage_full") {
                full.photos.capture(theirs, "product_zone", picture(0))
            }
        }
}

/** The fault a call ends with. */
internal suspend fun faultOf(call: suspend () -> Any?): Throwable = assertFailsWith<Throwable> { call() }

/** A call ends with a fault of this kind and code, and with words in both languages. */
internal suspend inline fun <reified F : StorewalkException> assertFault(
    code: String,
    noinline call: suspend () -> Any?,
): F {
    val fault = assertIs<F>(faultOf(call))
    assertEquals(code, fault.code)
    assertTrue(listOf(fault.what, fault.nextStep).all { it.zh.isNotEmpty() && it.en.isNotEmpty() })
    return fault
}

/** A call is rejected for one argument, by name. */
internal suspend fun assertArgument(
    at: String,
    call: suspend () -> Any?,
) {
    val fault = assertFault<StorewalkException.Rejected>("argument_invalid", call)
    assertEquals(listOf(at), fault.problems.map { it.at })
}
