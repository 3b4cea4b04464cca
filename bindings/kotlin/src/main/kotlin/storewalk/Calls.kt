package storewalk

import kotlinx.coroutines.CancellationException
import storewalk.generated.core.CancelToken
import storewalk.generated.core.CoreException
import storewalk.generated.core.InternalException
import java.nio.charset.CharacterCodingException

/** Makes a call; what the core objects is told in this binding's own exceptions. */
internal inline fun <T> asking(call: () -> T): T =
    try {
        call()
    } catch (error: CoreException) {
        throw error.told()
    } catch (panic: InternalException) {
        throw StorewalkException.Internal(Words.fault, panic)
    } catch (half: CharacterCodingException) {
        // Half of a surrogate pair: a text that no other language can hold.
        throw StorewalkException.Rejected(Words.argument, listOf(Words.unreadableText), half)
    }

/**
 * Makes a long call. A coroutine that is cancelled stops the work behind it too, which would otherwise run to its end;
 * what it has written until then stays.
 */
internal suspend inline fun <T> stoppable(call: (CancelToken) -> T): T {
    val token = CancelToken()
    try {
        return asking { call(token) }
    } catch (cancelled: CancellationException) {
        token.cancel()
        throw cancelled
    } finally {
        token.close()
    }
}
