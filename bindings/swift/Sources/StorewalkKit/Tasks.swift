import StorewalkGenerated

/// Tasks of the person who is signed in.
public final class Tasks: Sendable {
    private let core: StorewalkGenerated.Tasks

    init(_ core: StorewalkGenerated.Tasks) {
        self.core = core
    }

    /// The open tasks, those due first at the top.
    public func mine() async throws(StorewalkError) -> [FieldTask] {
        try await asking { try await core.mine() }
    }

    /// Finishes a task by the owner's word. One that asks for a photo is finished by the retake instead.
    public func finish(taskId: String) async throws(StorewalkError) -> Attempt<Void> {
        try await asking { try await core.finish(taskId: taskId) }.told()
    }

    /// Raises a task at an outlet, due on a date, `YYYY-MM-DD`.
    public func raise(
        outletId: String,
        note: String,
        dueOn: String,
        visitId: String? = nil
    ) async throws(StorewalkError) -> Attempt<String> {
        let attempt = try await asking {
            try await core.raise(outletId: outletId, note: note, dueOn: dueOn, visitId: visitId)
        }
        return attempt.told()
    }
}
