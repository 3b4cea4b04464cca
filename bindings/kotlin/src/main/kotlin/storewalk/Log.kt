package storewalk

import storewalk.generated.core.LogSink
import storewalk.generated.core.setLogSink

/** The core's log, one for the process. No line holds a name, text or token of a person. */
public object Log {
    /**
     * Hands every line up to [most] to [sink], on the thread it was written on, in the middle of the work that it tells
     * of: [sink] notes it and returns, and never waits for the core. Says whether the log is ours to hand over. What
     * [sink] throws is passed over.
     */
    public fun listen(
        most: LogLevel = LogLevel.INFO,
        sink: (level: LogLevel, part: String, line: String) -> Unit,
    ): Boolean {
        val taker =
            object : LogSink {
                override fun log(
                    level: LogLevel,
                    target: String,
                    line: String,
                ) = sink(level, target, line)
            }
        return setLogSink(taker, most)
    }

    /** Keeps the log to the core again. */
    public fun stop() {
        setLogSink(null, LogLevel.INFO)
    }
}
