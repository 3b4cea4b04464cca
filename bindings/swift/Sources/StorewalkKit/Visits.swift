import StorewalkGenerated

/// Calls at outlets: the brief before the door, arriving, goals, leaving, the report of the day.
public final class Visits: Sendable {
    private let core: StorewalkGenerated.Visits

    init(_ core: StorewalkGenerated.Visits) {
        self.core = core
    }

    /// What to know before entering an outlet.
    public func brief(outletId: String) async throws(StorewalkError) -> Brief {
        try await asking { try await core.brief(outletId: outletId) }
    }

    /// Arrives at an outlet; where no fix is given, the host is asked.
    public func start(outletId: String, fix: Fix? = nil) async throws(StorewalkError) -> Attempt<StartedVisit> {
        try await asking { try await core.start(outletId: outletId, fix: fix) }.told()
    }

    /// The visit that is under way, if one is.
    public func open() async throws(StorewalkError) -> Visit? {
        try await asking { try await core.open() }
    }

    /// A visit with everything its screens show.
    public func view(visitId: String) async throws(StorewalkError) -> Visit {
        try await asking { try await core.view(visitId: visitId) }
    }

    /// Chooses one to three goals by code, or changes the choice.
    public func chooseGoals(visitId: String, goals: [String]) async throws(StorewalkError) -> Attempt<Void> {
        try await asking { try await core.chooseGoals(visitId: visitId, goals: goals) }.told()
    }

    /// Says which of the chosen goals were reached.
    public func assessGoals(visitId: String, attained: [String]) async throws(StorewalkError) -> Attempt<Void> {
        try await asking { try await core.assessGoals(visitId: visitId, attained: attained) }.told()
    }

    /// Leaves the outlet; where no fix is given, the host is asked. Refused with everything that is missing.
    public func finish(visitId: String, fix: Fix? = nil) async throws(StorewalkError) -> Attempt<FinishedVisit> {
        try await asking { try await core.finish(visitId: visitId, fix: fix) }.told()
    }

    /// Chooses which of several visits to one planned call counts.
    public func settleDuplicate(keep: String) async throws(StorewalkError) -> Attempt<Void> {
        try await asking { try await core.settleDuplicate(keep: keep) }.told()
    }

    /// The report of a day, `YYYY-MM-DD`, of the person who is signed in.
    public func dayReport(date: String) async throws(StorewalkError) -> DayReport {
        try await asking { try await core.dayReport(date: date) }
    }
}
