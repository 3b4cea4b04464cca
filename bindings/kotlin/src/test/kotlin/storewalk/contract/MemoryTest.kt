package storewalk.contract

import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Test
import storewalk.Host
import storewalk.Network
import storewalk.Storewalk
import storewalk.StorewalkException
import storewalk.generated.core.FfiConverterTypeChangeListener
import java.io.File
import java.lang.ref.WeakReference
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** What nobody holds any more goes, and what ends takes everything along. */
internal class MemoryTest {
    @Test
    fun `a core that nobody holds is collected and its folder is free again`() =
        World.play {
            val folder = folder()
            val core = WeakReference(forgotten(folder, server.url))
            val isFree =
                withTimeoutOrNull(20.seconds) {
                    while (!isFree(folder, server.url)) {
                        System.gc()
                        delay(20.milliseconds)
                    }
                    true
                }
            assertEquals(true, isFree, "the folder is still taken")
            assertEquals(null, core.get())
        }

    private suspend fun forgotten(
        folder: Path,
        url: String,
    ): Storewalk = Storewalk.open(World.setup(folder, url)).also { it.changes().first() }

    private suspend fun isFree(
        folder: Path,
        url: String,
    ): Boolean =
        try {
            Storewalk.open(World.setup(folder, url)).shutdown()
            true
        } catch (taken: StorewalkException.Storage) {
            check(taken.code == "already_open")
            false
        }

    @Test
    fun `opening and ending many times leaves no thread, no file and no listener behind`() =
        World.play {
            val folder = folder()
            openAndEnd(folder, server.url)
            val files = openFiles(folder)
            val listeners = FfiConverterTypeChangeListener.handleMap.size
            repeat(20) { openAndEnd(folder, server.url) }
            assertEquals(emptyList(), threads())
            assertEquals(files, openFiles(folder))
            assertEquals(listeners, FfiConverterTypeChangeListener.handleMap.size)
        }

    private suspend fun openAndEnd(
        folder: Path,
        url: String,
    ) {
        val phone = Storewalk.open(World.setup(folder, url))
        assertTrue(phone.changes().first().isFirst)
        assertTrue(threads().isNotEmpty(), "a core has threads of its own")
        phone.shutdown()
    }

    @Test
    fun `what the host gave goes with the core that had it`() =
        World.play {
            val hosts = listOf(true, false).map { ends -> opened(folder(), server.url, ends) }
            eventually("nobody holds them") {
                System.gc()
                hosts.all { it.get() == null }
            }
        }

    private suspend fun opened(
        folder: Path,
        url: String,
        ends: Boolean,
    ): WeakReference<Host.Connectivity> {
        val offline =
            object : Host.Connectivity {
                override fun network(): Network = Network.OFFLINE
            }
        val phone = Storewalk.open(World.setup(folder, url), Host(connectivity = offline))
        assertFault<StorewalkException.Unreachable>("offline") { phone.sync.now() }
        if (ends) phone.shutdown()
        return WeakReference(offline)
    }

    @Test
    fun `what crosses is given back`() =
        World.play {
            val phone = phone()
            val long = "长".repeat(350_000)

            suspend fun play(times: Int) = repeat(times) { assertArgument("outlet_id") { phone.visits.brief(long) } }
            // The JVM's own room is touched to its end before anything is measured.
            play(300)
            val before = residentMegabytes()
            play(300)
            val after = residentMegabytes()
            // A megabyte crosses each time.
            assertTrue(after - before < 150, "$before MB became $after MB")
        }

    private fun residentMegabytes(): Int {
        val line = File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }
        return line.filter { it.isDigit() }.toInt() / 1024
    }

    /** Threads of cores, by the names the system knows. */
    private fun threads(): List<String> =
        File("/proc/self/task")
            .listFiles()
            .orEmpty()
            .mapNotNull { task -> runCatching { task.resolve("comm").readText().trim() }.getOrNull() }
            .filter { it.startsWith("storewalk") }

    /** Files below a folder that this process holds open. */
    private fun openFiles(folder: Path): List<String> =
        File("/proc/self/fd")
            .listFiles()
            .orEmpty()
            .mapNotNull { file -> runCatching { file.toPath().toRealPath().toString() }.getOrNull() }
            .filter { it.startsWith(folder.toRealPath().toString()) }
            .sorted()
}
