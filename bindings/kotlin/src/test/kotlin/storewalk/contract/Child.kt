package storewalk.contract

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import storewalk.Host
import storewalk.Storewalk
import storewalk.StorewalkException
import java.io.BufferedReader
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** Another process with a phone core, for what one process alone cannot show. */
internal class Child private constructor(
    private val process: Process,
    private val output: BufferedReader,
) : AutoCloseable {
    /** The next line it says; nothing when it has ended. */
    fun line(): String? = output.readLine()

    /** Ends it in the middle of whatever it does; what it had said until then. */
    fun kill(): List<String> {
        // Through its handle: the process object would throw away what was said and not yet read.
        process.toHandle().destroyForcibly()
        process.waitFor()
        return output.readLines()
    }

    /** Waits until it ends by itself; its exit status. */
    fun end(): Int {
        check(process.waitFor(30, TimeUnit.SECONDS)) { "the child process hangs" }
        return process.exitValue()
    }

    override fun close() {
        process.destroyForcibly()
    }

    companion object {
        /** Starts this file's [main] in a JVM of its own. */
        fun start(
            work: String,
            folder: Path,
            url: String,
            outlet: String = "S0101",
        ): Child {
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
            val handedOn = listOf("jna.library.path", "storewalk.contract.pictures", "java.class.path")
            val flags = handedOn.map { "-D$it=${System.getProperty(it)}" } + listOf("-Xmx128m", "-XX:+UseSerialGC")
            val command =
                listOf(java) + flags + listOf("storewalk.contract.ChildKt", work, folder.toString(), url, outlet)
            val process = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            return Child(process, process.inputReader(Charsets.UTF_8))
        }
    }
}

/** What the child does: `work`, `hold`, `hand` or `leave`. */
internal fun main(arguments: Array<String>) {
    val (work, folder, url, outlet) = arguments
    runBlocking {
        when (work) {
            "work" -> work(Path.of(folder), url, outlet)
            "hold" -> hold(Path.of(folder), url)
            "hand" -> hand(Path.of(folder), url)
            "leave" -> leave(Path.of(folder), url)
        }
    }
}

/** Answers question after question, and says so after each, until it is killed. */
private suspend fun work(
    folder: Path,
    url: String,
    outlet: String,
) {
    val phone = Storewalk.open(World.setup(folder, url), Host(keyStore = Keys(1)))
    val visit = Walk.arrive(phone, outlet)
    say("visit $visit")
    Walk.through(phone, visit) { question -> say("answered ${question.item} ${question.instance}") }
    while (true) {
        say("raised ${phone.tasks.raise(idOf("outlet", outlet), "one more", "2025-03-20").done()}")
    }
}

/** Opens the folder, or says why not, and keeps it until it is killed. */
private suspend fun hold(
    folder: Path,
    url: String,
) {
    try {
        Storewalk.open(World.setup(folder, url))
        say("open")
        CompletableDeferred<Unit>().await()
    } catch (fault: StorewalkException) {
        say(fault.code)
    }
}

/** Hands out what is due and says where it lies, until it is killed. */
private suspend fun hand(
    folder: Path,
    url: String,
) {
    val courier = Host(keyStore = Keys(1), transport = { say("${it.id} ${it.filePath}") })
    Storewalk.open(World.setup(folder, url), courier).photos.handOut(9)
    CompletableDeferred<Unit>().await()
}

/** Leaves with everything alive: a listener, a call under way, a core that nobody shut down. */
@OptIn(kotlinx.coroutines.DelicateCoroutinesApi::class)
private suspend fun leave(
    folder: Path,
    url: String,
) {
    val phone = Storewalk.open(World.setup(folder, url))
    val isTold = CompletableDeferred<Unit>()
    GlobalScope.launch { phone.changes().collect { isTold.complete(Unit) } }
    GlobalScope.launch { while (true) phone.sync.status() }
    isTold.await()
    say("leaving")
}

private fun say(line: String) {
    println(line)
    System.out.flush()
}
