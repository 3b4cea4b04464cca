package storewalk

import storewalk.generated.core.Session as Core

/** Who is signed in. */
public class Session internal constructor(
    private val core: Core,
) {
    /** Signs in and enrols this phone. What another person left unsent on it stays in the way until it is sent. */
    public suspend fun signIn(
        login: String,
        password: String,
    ): Person = stoppable { core.signIn(login, password, it) }

    /** Signs out; refused while anything is unsent. */
    public suspend fun signOut(): Unit = stoppable { core.signOut(it) }

    /** Signs out and keeps what is unsent, encrypted, until the same person signs in again. */
    public suspend fun signOutAndPark(): Unit = stoppable { core.signOutAndPark(it) }

    /** Who is signed in; nothing when nobody is. */
    public suspend fun person(): Person? = asking { core.person() }

    /** How many people have unsent work parked on this phone. */
    public suspend fun parkedPeople(): Long = asking { core.parkedPeople().toLong() }
}
