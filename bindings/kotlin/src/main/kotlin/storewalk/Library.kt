package storewalk

/** The native library. */
internal object Library {
    /**
     * Loads it and compares it with this binding; a library of another release is refused here and not at some later
     * call. Takes a fifth of a second the first time and nothing afterwards.
     */
    fun load() {
        storewalk.generated.core.uniffiEnsureInitialized()
        storewalk.generated.domain.uniffiEnsureInitialized()
    }
}
