package storewalk.contract

import kotlinx.coroutines.runBlocking
import storewalk.Host
import storewalk.Network
import storewalk.Storewalk
import storewalk.StorewalkException
import java.nio.file.Files
import java.util.Locale

/** What a call into the core and a call back cost on this JVM. Prints figures; judges nothing. */
internal fun main() {
    val began = System.nanoTime()
    val version = Storewalk.version
    say("load and check the library (core $version)", (System.nanoTime() - began) / 1_000.0)
    val folder = Files.createTempDirectory("storewalk-bench")
    // Nobody listens there, and the host says so before anybody asks.
    val setup = World.setup(folder, "http://127.0.0.1:9")
    runBlocking {
        val opening = System.nanoTime()
        val host = Host(connectivity = { Network.OFFLINE })
        val phone = Storewalk.open(setup, host)
        say("open an empty core", (System.nanoTime() - opening) / 1_000.0)
        measure("a call that answers at once") { phone.life }
        measure("a call that returns a record") { phone.sync.traffic() }
        measure("a suspending call that reads the database") { phone.session.person() }
        measure("a suspending call that returns nested records") { phone.sync.status() }
        measure("the same, ending with an exception") { runCatching { phone.plan.today() } }
        measure("a suspending call that asks the host first") {
            try {
                phone.sync.now()
            } catch (_: StorewalkException.Unreachable) {
                // The host has said that there is no network.
            }
        }
        phone.shutdown()
    }
    folder.toFile().deleteRecursively()
    runBlocking {
        val opening = System.nanoTime()
        val phone = Storewalk.open(setup, Host(keyStore = Keys(7)))
        say("open an empty core, under a key", (System.nanoTime() - opening) / 1_000.0)
        measure("reading the database, under a key") { phone.session.person() }
        measure("returning nested records, under a key") { phone.sync.status() }
        phone.shutdown()
    }
    folder.toFile().deleteRecursively()
}

/** The median of many rounds after as many to warm up. */
private inline fun measure(
    what: String,
    call: () -> Unit,
) {
    val rounds = DoubleArray(ROUNDS)
    for (pass in 1..2) {
        for (round in rounds.indices) {
            val began = System.nanoTime()
            call()
            rounds[round] = (System.nanoTime() - began) / 1_000.0
        }
    }
    rounds.sort()
    val tail = String.format(Locale.ROOT, "%.1f µs at the 99th percentile", rounds[rounds.size * 99 / 100])
    say(what, rounds[rounds.size / 2], tail)
}

private fun say(
    what: String,
    microseconds: Double,
    more: String = "",
) {
    println(String.format(Locale.ROOT, "%-52s %10.1f µs  %s", what, microseconds, more))
}

private const val ROUNDS = 3_000
