import StorewalkGenerated

/// The core's log, one for the process. No line holds a name, text or token of a person.
public enum Log {
    /// Hands every line up to a level to `sink`, on the thread it was written on, in the middle of the work that it tells
    /// of: `sink` notes it and returns, and never waits for the core. Says whether the log is ours to hand over.
    @discardableResult
    public static func listen(
        most: LogLevel = .info,
        _ sink: @escaping @Sendable (_ level: LogLevel, _ part: String, _ line: String) -> Void
    ) -> Bool {
        setLogSink(sink: Taker(sink: sink), most: most)
    }

    /// Keeps the log to the core again.
    public static func stop() {
        _ = setLogSink(sink: nil, most: .info)
    }
}

private final class Taker: LogSink {
    let sink: @Sendable (LogLevel, String, String) -> Void

    init(sink: @escaping @Sendable (LogLevel, String, String) -> Void) {
        self.sink = sink
    }

    func log(level: LogLevel, target: String, line: String) {
        sink(level, target, line)
    }
}
