import StorewalkGenerated

/// The questions of a visit and their answers.
public final class Checklists: Sendable {
    private let core: StorewalkGenerated.Checklists

    init(_ core: StorewalkGenerated.Checklists) {
        self.core = core
    }

    /// The eleven steps with the questions that apply now.
    public func steps(visitId: String) async throws(StorewalkError) -> [Step] {
        try await asking { try await core.steps(visitId: visitId) }
    }

    /// Notes that a step, 1 to 11, was begun.
    public func beginStep(visitId: String, step: Int) async throws(StorewalkError) -> Attempt<Void> {
        // What does not fit into a byte is no step either, and the rules say so.
        let step = UInt8(clamping: step)
        return try await asking { try await core.beginStep(visitId: visitId, step: step) }.told()
    }

    /// Answers a question, or answers it anew; a reason by code explains a "no" where the question asks for one.
    public func answer(
        visitId: String,
        question: Question,
        with answer: Answer,
        reason: String? = nil
    ) async throws(StorewalkError) -> Attempt<Void> {
        let (item, instance) = (question.item, question.instance)
        let attempt = try await asking {
            try await core.answer(visitId: visitId, item: item, answer: answer, instance: instance, reason: reason)
        }
        return attempt.told()
    }
}
