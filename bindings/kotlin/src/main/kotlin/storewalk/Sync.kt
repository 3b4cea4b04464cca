package storewalk

import storewalk.generated.core.Sync as Core

/** Bringing phone and server together, and the server's receipts. */
public class Sync internal constructor(
    private val core: Core,
) {
    /** Pushes, pulls and publishes until phone and server are in step. */
    public suspend fun now(): SyncOutcome = stoppable { core.now(it) }

    /** Waits until the server has news for this phone; then it is time for [now]. For while the app is open. */
    public suspend fun follow(): Unit = stoppable { core.follow(it) }

    /** Where syncing stands. */
    public suspend fun status(): SyncStatus = asking { core.status() }

    /**
     * To be called when the system says that there is a network where there was none, or another one: what waits because
     * of the line is due within two seconds, and it is time for [now].
     */
    public suspend fun networkReturned(): Unit = asking { core.networkReturned() }

    /**
     * What was captured on this phone, in words, with how far each has come, the newest at the top, at most so many:
     * everything unsent, and for thirty days what was sent.
     */
    public suspend fun ledger(most: Int): List<LedgerEntry> = asking { core.ledger(most.coerceAtLeast(0).toUInt()) }

    /** Reads all rows and counts what is damaged. */
    public suspend fun scan(): ScanReport = asking { core.scan() }

    /** The server's receipt for a command of the [ledger] or for a photo; nothing while there is none. */
    public suspend fun receipt(id: String): Receipt? = asking { core.receipt(id) }

    /** Whether receipts are missing or wrong. */
    public suspend fun receiptHealth(): ReceiptHealth = asking { core.receiptHealth() }

    /** Bytes sent and received since the core was opened. */
    public fun traffic(): Traffic = asking { core.traffic() }
}
