package storewalk.contract

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import org.junit.jupiter.api.Test
import storewalk.Attempt
import storewalk.Setup
import storewalk.Storewalk
import storewalk.Task
import storewalk.Topic
import kotlin.test.assertEquals
import kotlin.test.assertNotNull

/** What `bindings/README.md` shows. A rule of the repository sees to it that its lines are these. */
internal class FirstLinesTest {
    @Test
    fun `the first lines of the README do what they say`() =
        World.play {
            val folder = folder().toString()
            val url = server.url
            val password = PASSWORD

            val core = Storewalk.open(Setup(folder, url, "android", deviceName = "李雯", appVersion = "1.0"))
            core.session.signIn("liwen", password)
            core.sync.now()
            val calls = core.plan.today().calls
            calls.forEach { println("${it.outletCode} ${it.outletName}") }
            val tasks: Flow<List<Task>> = core.observe(Topic.TASKS) { tasks.mine() }
            when (val arrived = core.visits.start(calls.first().outletId)) {
                is Attempt.Done -> println("visit ${arrived.value.visitId}")
                is Attempt.Refused -> arrived.problems.forEach { println(it.what.zh) }
            }

            assertNotNull(core.visits.open(), "the visit is under way")
            assertEquals(core.tasks.mine(), tasks.first())

            core.shutdown()
        }
}
