import StorewalkGenerated

/// A supervisor's decisions about photos, made on a phone. Whether a person may decide, the rules say.
public final class Review: Sendable {
    private let core: StorewalkGenerated.Review

    init(_ core: StorewalkGenerated.Review) {
        self.core = core
    }

    /// Decides about a photo.
    public func decide(_ draft: ReviewDraft) async throws(StorewalkError) -> Attempt<Void> {
        try await asking { try await core.decide(draft: draft) }.told()
    }
}
