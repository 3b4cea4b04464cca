package storewalk

/** What became of a person's intent: the rules let it pass, or they say why not. Neither is an exception. */
public sealed interface Attempt<out T> {
    /** It is done and on disk. */
    public data class Done<out T>(
        val value: T,
    ) : Attempt<T>

    /** Nothing was done; each problem has a code, words for a person and a next step. */
    public data class Refused(
        val problems: List<Problem>,
    ) : Attempt<Nothing>

    /** The value, or nothing when it was refused. */
    public fun valueOrNull(): T? = (this as? Done)?.value
}
