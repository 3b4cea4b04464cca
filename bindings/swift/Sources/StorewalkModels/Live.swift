import Observation
import StorewalkKit

/// What a screen shows of a core, kept up to date while it is shown.
///
/// ```swift
/// @State private var today = Live(phone, .plan, .visits) { try await $0.plan.today() }
/// …
/// List(today.value?.calls ?? []) { … }.task { await today.run() }
/// ```
@MainActor @Observable
public final class Live<Value: Sendable> {
    /// The latest value; nothing until the first was read.
    public private(set) var value: Value?
    /// Why the last reading failed; nothing when it did not. The value before it stays.
    public private(set) var error: StorewalkError?

    @ObservationIgnored private let phone: Storewalk
    @ObservationIgnored private let topics: Set<Topic>
    @ObservationIgnored private let read: @Sendable (Storewalk) async throws(StorewalkError) -> Value

    /// Reads nothing yet.
    public init(
        _ phone: Storewalk,
        _ topics: Topic...,
        read: @escaping @Sendable (Storewalk) async throws(StorewalkError) -> Value
    ) {
        self.phone = phone
        self.topics = Set(topics)
        self.read = read
    }

    /// Reads at once and again whenever one of the topics has changed, until its task is cancelled or the core is shut
    /// down.
    public func run() async {
        do {
            for await change in try phone.changes() where change.concerns(topics) {
                await refresh()
            }
        } catch {
            self.error = error
        }
    }

    /// Reads now.
    public func refresh() async {
        do {
            value = try await read(phone)
            error = nil
        } catch .closed {
            // Paused meanwhile: resuming changes everything, and then it is read again.
        } catch {
            self.error = error
        }
    }
}
