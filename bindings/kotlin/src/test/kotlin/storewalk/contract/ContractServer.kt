package storewalk.contract

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.BufferedReader
import java.io.BufferedWriter
import java.util.concurrent.TimeUnit

/**
 * A server process with the demo world, and the line that leads to it. What it can be told stands in
 * `tests/src/contract`. Ends with [close].
 */
internal class ContractServer private constructor(
    private val process: Process,
    private val orders: BufferedWriter,
    private val answers: BufferedReader,
    /** Where phones reach it. */
    val url: String,
) : AutoCloseable {
    /** Sets the server's clock: `2025-03-14T08:40`. */
    suspend fun clock(local: String) = order("clock $local")

    /** Phones reach the server again; what was held goes on its way. */
    suspend fun lineUp() = order("line up")

    /** What phones send waits on the way. */
    suspend fun lineHeld() = order("line held")

    /** Connections end at once. */
    suspend fun lineDown() = order("line down")

    /** Returns when a request is being held. */
    suspend fun awaitHeld() = order("await held")

    /** The supervisor rejects a photo, with a pin at 31.5 / 42 percent and maybe a photo of how it should look. */
    suspend fun reject(
        photo: String,
        reason: String,
        note: String,
        like: String? = null,
    ) = order("reject $photo $reason ${like?.let { "like $it " }.orEmpty()}$note")

    /** The supervisor approves a photo. */
    suspend fun approve(photo: String) = order("approve $photo")

    private suspend fun order(text: String) =
        withContext(Dispatchers.IO) {
            orders.write("$text\n")
            orders.flush()
            val answer = answers.readLine()
            check(answer == "ok") { "the server was told `$text` and says: $answer" }
        }

    override fun close() {
        orders.close()
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly()
            error("the server does not end when its input does")
        }
    }

    companion object {
        /** Starts a server of its own, with fresh data. */
        fun start(): ContractServer {
            val program = checkNotNull(System.getProperty("storewalk.contract.server")) { "run through cargo xtask" }
            val process = ProcessBuilder(program).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            val answers = process.inputReader(Charsets.UTF_8)
            val url = checkNotNull(answers.readLine()) { "the server ended before it listened" }
            return ContractServer(process, process.outputWriter(Charsets.UTF_8), answers, url)
        }
    }
}
