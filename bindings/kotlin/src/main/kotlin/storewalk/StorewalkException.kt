package storewalk

import kotlinx.coroutines.CancellationException
import storewalk.generated.core.CoreException

/**
 * Why a call did not do what it promises. Each kind calls for another reaction; the exact cause is in [code], the words
 * for a person are in [what] and [nextStep], in both languages. The text of the exception is for logs.
 *
 * What the rules have to say to a person's intent is no exception but an [Attempt.Refused].
 */
public sealed class StorewalkException(
    private val details: Details,
    cause: Throwable?,
) : Exception("${details.code}: ${details.what.en}", cause) {
    /** Stable code; what logs and support speak of. */
    public val code: String get() = details.code

    /** What happened, for a person. */
    public val what: Localized get() = details.what

    /** What the person can do next. */
    public val nextStep: Localized get() = details.nextStep

    /** There is no way to the server now, or it asks to wait [retryAfterMs]; work goes on without it. */
    public class Unreachable internal constructor(
        details: Details,
        public val retryAfterMs: Long?,
        cause: Throwable,
    ) : StorewalkException(details, cause)

    /** Somebody has to sign in; what was captured stays. */
    public class SignedOut internal constructor(
        details: Details,
        cause: Throwable,
    ) : StorewalkException(details, cause)

    /** The core or the server objects to what was asked; asking the same again changes nothing. */
    public class Rejected internal constructor(
        details: Details,
        /** What stands in the way, one by one; may be empty. */
        public val problems: List<Problem>,
        cause: Throwable,
    ) : StorewalkException(details, cause)

    /** It would leave work unsent. */
    public class Unsent internal constructor(
        details: Details,
        /** Commands not yet acknowledged. */
        public val commands: Long,
        /** Photos not yet received. */
        public val photos: Long,
        /** Order drafts that another person's sign-in would throw away. */
        public val drafts: Long,
        cause: Throwable,
    ) : StorewalkException(details, cause)

    /** The phone's storage, or the key to it, cannot be used; nothing was half done. */
    public class Storage internal constructor(
        details: Details,
        cause: Throwable,
    ) : StorewalkException(details, cause)

    /** The core is paused or shut down. */
    public class Closed internal constructor(
        details: Details,
        cause: Throwable,
    ) : StorewalkException(details, cause)

    /** A fault of the core's. */
    public class Internal internal constructor(
        details: Details,
        cause: Throwable,
    ) : StorewalkException(details, cause)
}

/** The core's word in this binding's exceptions; a call that was stopped is a cancelled coroutine. */
internal fun CoreException.told(): Exception =
    when (this) {
        is CoreException.Unreachable -> StorewalkException.Unreachable(details, retryAfterMs?.toLong(), this)
        is CoreException.SignedOut -> StorewalkException.SignedOut(details, this)
        is CoreException.Rejected -> StorewalkException.Rejected(details, problems, this)
        is CoreException.Unsent ->
            StorewalkException.Unsent(details, commands.toLong(), photos.toLong(), drafts.toLong(), this)
        is CoreException.Storage -> StorewalkException.Storage(details, this)
        is CoreException.Closed -> StorewalkException.Closed(details, this)
        is CoreException.Cancelled -> CancellationException("the call was stopped", this)
        is CoreException.Internal -> StorewalkException.Internal(details, this)
    }

/** The words for what goes wrong before the core is reached. */
internal object Words {
    val fault: Details =
        Details(
            code = "internal",
            what = Localized(zh = "应用内部出错", en = "Something went wrong inside the app"),
            nextStep = Localized(zh = "请重试；若反复出现，请联系技术支持", en = "Try again; if it keeps happening, tell support"),
        )

    val argument: Details =
        Details(
            code = "argument_invalid",
            what = Localized(zh = "文字中有无法识别的字符", en = "A text holds a character that cannot be read"),
            nextStep = Localized(zh = "请删去该字符后再试", en = "Remove the character and try again"),
        )

    val unreadableText: Problem =
        Problem(code = argument.code, at = "text", what = argument.what, nextStep = argument.nextStep)
}
