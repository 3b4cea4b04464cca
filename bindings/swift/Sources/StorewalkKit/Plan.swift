import StorewalkGenerated

/// The plan of a day.
public final class Plan: Sendable {
    private let core: StorewalkGenerated.Plan

    init(_ core: StorewalkGenerated.Plan) {
        self.core = core
    }

    /// The calls of today, each by the calendar of its outlet.
    public func today() async throws(StorewalkError) -> Today {
        try await asking { try await core.today() }
    }

    /// The calls of a date, `YYYY-MM-DD`.
    public func on(_ date: String) async throws(StorewalkError) -> Today {
        try await asking { try await core.on(date: date) }
    }

    /// Leaves out a planned call, with a reason by code; the answer names the visit that records it.
    public func skip(planId: String, reason: String) async throws(StorewalkError) -> Attempt<String> {
        try await asking { try await core.skip(planId: planId, reason: reason) }.told()
    }

    /// The reasons for leaving a call out.
    public func skipReasons() async throws(StorewalkError) -> [Reason] {
        try await asking { try await core.skipReasons() }
    }
}
