package storewalk.contract

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import storewalk.Attempt
import storewalk.Host
import storewalk.Setup
import storewalk.Storewalk
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.UUID
import kotlin.io.path.extension
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** How long a scenario may take before it counts as hanging. */
private val PATIENCE = 90.seconds

/** Everybody's password in the demo world. */
internal const val PASSWORD = "qiming-2025"

/** One server, and phones in folders of their own; all of it gone at the end. */
internal class World private constructor(
    val server: ContractServer,
    private val folder: Path,
) : AutoCloseable {
    private val phones = mutableListOf<Storewalk>()

    /** A folder that nobody has used. */
    fun folder(name: String = "phone"): Path = folder.resolve("$name-${UUID.randomUUID()}")

    /** Opens a phone; it is shut down at the end of the test. */
    suspend fun phone(
        folder: Path = folder(),
        host: Host = Host(),
        url: String = server.url,
        change: Setup.() -> Setup = { this },
    ): Storewalk = Storewalk.open(setup(folder, url).change(), host).also { phones += it }

    /** A phone on which somebody is signed in and which is in step with the server. */
    suspend fun phoneOf(
        login: String,
        folder: Path = folder(),
        host: Host = Host(),
        change: Setup.() -> Setup = { this },
    ): Storewalk {
        val phone = phone(folder, host, change = change)
        phone.session.signIn(login, PASSWORD)
        phone.sync.now()
        return phone
    }

    override fun close() {
        phones.forEach { it.close() }
        server.close()
        folder.toFile().deleteRecursively()
    }

    companion object {
        /** Plays [scenario] in a world of its own. */
        fun play(scenario: suspend World.(CoroutineScope) -> Unit) {
            World(ContractServer.start(), Files.createTempDirectory("storewalk")).use { world ->
                runBlocking { withTimeout(PATIENCE) { world.scenario(this) } }
            }
        }

        /** The phone as it introduces itself. */
        fun setup(
            folder: Path,
            url: String,
        ): Setup =
            Setup(
                folder = folder.toString(),
                serverUrl = url,
                platform = "android",
                deviceName = "contract",
                appVersion = "0.1.0",
            )
    }
}

/** A key store that keeps a key for each name it is asked for. */
internal open class Keys(
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

/** The files of a folder that anybody can look at, by name. */
internal fun picturesIn(folder: Path): List<String> =
    folder
        .listDirectoryEntries()
        .filter { isPicture(it) }
        .map { it.name }

private fun isPicture(file: Path): Boolean {
    val head = file.readBytes().take(4).map { it.toInt() and 0xff }
    return head.take(2) == listOf(0xff, 0xd8) || head == listOf(0x89, 0x50, 0x4e, 0x47)
}

/** Waits until something holds that nothing announces. */
internal suspend fun eventually(
    what: String,
    holds: suspend () -> Boolean,
) {
    withTimeoutOrNull(20.seconds) {
        while (!holds()) delay(5.milliseconds)
    } ?: throw AssertionError("never came to be: $what")
}

/** What was done, where the story needs it to be done. */
internal fun <T> Attempt<T>.done(): T =
    when (this) {
        is Attempt.Done -> value
        is Attempt.Refused -> throw AssertionError("refused: $problems")
    }

/** What stood in the way, where the story needs it to be refused. */
internal fun Attempt<*>.refused(): List<String> =
    when (this) {
        is Attempt.Done -> throw AssertionError("it was done: $value")
        is Attempt.Refused -> problems.map { it.code }
    }

/** One of the shelf photos, in order of their names. */
internal fun picture(number: Int): String {
    val folder = Path.of(checkNotNull(System.getProperty("storewalk.contract.pictures")) { "run through cargo xtask" })
    val pictures = folder.listDirectoryEntries().filter { it.extension == "jpg" }.sorted()
    return pictures[number % pictures.size].toString()
}

/** The id of something in the demo world, from its kind and code: a UUID of version 5. */
internal fun idOf(
    kind: String,
    code: String,
): String {
    val namespace = UUID.fromString("53574445-4d4f-0001-8000-000000000001")
    val digest = MessageDigest.getInstance("SHA-1")
    for (half in longArrayOf(namespace.mostSignificantBits, namespace.leastSignificantBits)) {
        repeat(Long.SIZE_BYTES) { place -> digest.update((half ushr (56 - 8 * place)).toByte()) }
    }
    val hash = digest.digest("$kind/$code".toByteArray())
    val half = { from: Int ->
        (0 until 8).fold(0L) { sum, place -> (sum shl 8) or (hash[from + place].toLong() and 0xff) }
    }
    val version = (half(0) and 0xf000L.inv()) or 0x5000L
    val variant = (half(8) and (3L shl 62).inv()) or (1L shl 63)
    return UUID(version, variant).toString()
}
