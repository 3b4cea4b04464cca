import StorewalkGenerated

/// Makes a call that takes a moment. It is finished whether or not its task still wants it.
func asking<Value>(_ call: () async throws -> Value) async throws(StorewalkError) -> Value {
    do {
        return try await call()
    } catch {
        throw StorewalkError(told: error)
    }
}

/// Makes a long call. A task that is cancelled stops the work behind it; what was written until then stays.
///
/// The generated code waits for the work whatever becomes of the task, so the token is what reaches it.
func stoppable<Value: Sendable>(_ call: (CancelToken) async throws -> Value) async throws -> Value {
    let token = CancelToken()
    do {
        return try await withTaskCancellationHandler {
            try await call(token)
        } onCancel: {
            token.cancel()
        }
    } catch CoreError.Cancelled {
        throw CancellationError()
    } catch {
        throw StorewalkError(told: error)
    }
}
