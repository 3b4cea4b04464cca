import Foundation

/// Another process that is spoken to line by line. What it says on its error output goes to ours.
public final class LineProcess: @unchecked Sendable {
    // Everything below is used on this queue alone, so that no thread of a task ever waits for a line.
    private let queue = DispatchQueue(label: "storewalk.contract.lines")
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    /// Starts a program.
    public init(_ program: String, _ arguments: [String] = []) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Says a line.
    public func say(_ line: String) async {
        await onQueue { [self] in try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }
    }

    /// The next line it says; nothing when it has ended.
    public func line() async -> String? {
        await onQueue { [self] in nextLine() }
    }

    /// Ends it in the middle of whatever it does; what it had said until then and nobody had read.
    public func kill() async -> [String] {
        await onQueue { [self] in
            _ = Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            var lines: [String] = []
            while let line = nextLine() {
                lines.append(line)
            }
            return lines
        }
    }

    /// Lets it end by closing its input; its exit status.
    public func end() async -> Int32 {
        await onQueue { [self] in
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    private func nextLine() -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
                unread = Data(unread[unread.index(after: end)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty {
                return nil
            }
            unread.append(more)
        }
    }

    private func onQueue<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}
