package storewalk

import storewalk.generated.core.Platform
import storewalk.generated.core.PlatformException
import storewalk.generated.core.Connectivity as CoreConnectivity
import storewalk.generated.core.FreeSpace as CoreFreeSpace
import storewalk.generated.core.KeyStore as CoreKeyStore
import storewalk.generated.core.PositionSource as CorePositionSource
import storewalk.generated.core.Transport as CoreTransport

/**
 * What the platform owns and the core asks for. All of it may be missing; the core then does without.
 *
 * Each is asked on a thread of the core's that may wait, another one each time: nothing may hang on thread-locals. What
 * one of them throws, the core treats as "not known" and notes, except the key store's answer, without which nothing
 * opens.
 */
public class Host(
    private val keyStore: KeyStore? = null,
    private val connectivity: Connectivity? = null,
    private val freeSpace: FreeSpace? = null,
    private val positionSource: PositionSource? = null,
    private val transport: Transport? = null,
) {
    /** Keeps the key to this phone's data: the Keystore of Android. */
    public fun interface KeyStore {
        /**
         * The 32 bytes kept under a name; made from the system's random source and kept when there are none yet. Throws
         * [Locked] or [Gone] when the key cannot be had.
         */
        public fun loadOrCreate(name: String): ByteArray
    }

    /** Knows the network; asked before it is used. */
    public fun interface Connectivity {
        /** The network as the system sees it. */
        public fun network(): Network
    }

    /** Knows the room on the disk; asked before a photo is taken in. */
    public fun interface FreeSpace {
        /** Bytes that may still be written in a folder. */
        public fun freeBytes(folder: String): Long
    }

    /** Knows where the phone is; asked where a visit begins and ends, when the caller does not say. */
    public fun interface PositionSource {
        /** The latest fix, at once; nothing when there is none. */
        public fun latestFix(): Fix?
    }

    /** Sends files in the core's stead, as the system can while the app is suspended or gone. */
    public fun interface Transport {
        /**
         * Takes a request over; [Photos.transferEnded] is to be called when it has ended, however it has, be it by a
         * later process. When this throws, the core sends the file by itself.
         */
        public fun enqueue(request: TransferRequest)
    }

    /** Not now: the device was not unlocked since it started. */
    public class Locked : Exception("locked until the device is unlocked")

    /** Gone for good: a key that was invalidated or left behind on another device. */
    public class Gone : Exception("gone for good")

    /** The person has not allowed it. */
    public class NotAllowed : Exception("not allowed by the person")

    internal fun forTheCore(): Platform =
        Platform(
            keyStore = keyStore?.let { AskedKeyStore(it) },
            connectivity = connectivity?.let { AskedConnectivity(it) },
            freeSpace = freeSpace?.let { AskedFreeSpace(it) },
            position = positionSource?.let { AskedPositionSource(it) },
            transport = transport?.let { AskedTransport(it) },
        )
}

private class AskedKeyStore(
    private val host: Host.KeyStore,
) : CoreKeyStore {
    override fun loadOrCreate(name: String): ByteArray = answering { host.loadOrCreate(name) }
}

private class AskedConnectivity(
    private val host: Host.Connectivity,
) : CoreConnectivity {
    override fun network(): Network = answering { host.network() }
}

private class AskedFreeSpace(
    private val host: Host.FreeSpace,
) : CoreFreeSpace {
    override fun freeBytes(folder: String): ULong = answering { host.freeBytes(folder).coerceAtLeast(0).toULong() }
}

private class AskedPositionSource(
    private val host: Host.PositionSource,
) : CorePositionSource {
    override fun latestFix(): Fix? = answering { host.latestFix() }
}

private class AskedTransport(
    private val host: Host.Transport,
) : CoreTransport {
    override fun enqueue(request: TransferRequest) = answering { host.enqueue(request) }
}

/** The host's answer; what it throws becomes a value that the core knows. */
private inline fun <T> answering(answer: () -> T): T =
    try {
        answer()
    } catch (_: Host.Locked) {
        throw PlatformException.Locked()
    } catch (_: Host.Gone) {
        throw PlatformException.Gone()
    } catch (_: Host.NotAllowed) {
        throw PlatformException.NotAllowed()
    } catch (error: Exception) {
        // The kind of exception and no more: its text may hold what is a person's.
        throw PlatformException.Failed(error.javaClass.name)
    }
