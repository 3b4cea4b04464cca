import StorewalkKit
import Testing

/// A call ends with a fault of this code, and with words in both languages; the fault.
@discardableResult
func expectFault(
    _ code: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ call: () async throws -> Void
) async -> StorewalkError? {
    do {
        try await call()
        Issue.record("it was done, not refused as \(code)", sourceLocation: sourceLocation)
    } catch let fault as StorewalkError {
        #expect(fault.code == code, sourceLocation: sourceLocation)
        for text in [fault.what, fault.nextStep] {
            #expect(!text.zh.isEmpty && !text.en.isEmpty, sourceLocation: sourceLocation)
        }
        return fault
    } catch {
        Issue.record("it ended with \(error), not with \(code)", sourceLocation: sourceLocation)
    }
    return nil
}

/// A call is rejected for one argument, by name.
func expectArgument(
    _ at: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ call: () async throws -> Void
) async {
    guard case .rejected(_, let problems) = await expectFault("argument_invalid", sourceLocation: sourceLocation, call)
    else {
        Issue.record("it is not rejected", sourceLocation: sourceLocation)
        return
    }
    #expect(problems.map(\.at) == [at], sourceLocation: sourceLocation)
}
