import StorewalkGenerated

/// Profiles of outlets: read them, correct them, settle what contradicts.
public final class Outlets: Sendable {
    private let core: StorewalkGenerated.Outlets

    init(_ core: StorewalkGenerated.Outlets) {
        self.core = core
    }

    /// The profile of an outlet, every field with its value and with those that contradict it.
    public func profile(outletId: String) async throws(StorewalkError) -> Profile {
        try await asking { try await core.profile(outletId: outletId) }
    }

    /// Corrects fields; a value is text, empty for none.
    public func edit(
        outletId: String,
        corrections: [Correction]
    ) async throws(StorewalkError) -> Attempt<Profile> {
        try await asking { try await core.edit(outletId: outletId, corrections: corrections) }.told()
    }

    /// Decides which value of a field counts; for supervisors.
    public func settle(
        outletId: String,
        field: FieldName,
        value: String
    ) async throws(StorewalkError) -> Attempt<Profile> {
        try await asking { try await core.settle(outletId: outletId, field: field, value: value) }.told()
    }

    /// The outlets of which a field is contested.
    public func contested() async throws(StorewalkError) -> [String] {
        try await asking { try await core.contested() }
    }
}
