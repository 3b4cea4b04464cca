package storewalk

import storewalk.generated.core.Photos as Core

/** Photos: taking one in from a file, showing them, taking rejected ones again, sending their bytes. */
public class Photos internal constructor(
    private val core: Core,
) {
    /**
     * Takes a picture in from a file, which the core copies and does not keep; [replaces] names the rejected photo that
     * this one is a retake of, [fromGallery] says that it was not shot just now, [tilt] is the phone's in degrees.
     */
    public suspend fun capture(
        visitId: String,
        zone: String,
        path: String,
        replaces: String? = null,
        fromGallery: Boolean = false,
        tilt: Float? = null,
    ): Attempt<CapturedPhoto> = asking { core.capture(visitId, zone, path, replaces, fromGallery, tilt).told() }

    /** Answers a signal of a photo in the rep's words. */
    public suspend fun answerSignal(
        photoId: String,
        signal: SignalKind,
        text: String,
    ): Attempt<Unit> = asking { core.answerSignal(photoId, signal, text).told() }

    /** The photos of a visit. */
    public suspend fun ofVisit(visitId: String): List<Photo> = asking { core.ofVisit(visitId) }

    /**
     * Lays an original and its stamped copy out where the photo's record says they are, and answers with the original's
     * place. Only encrypted data needs it: the plain copies go when the core is paused, ended or opened again.
     */
    public suspend fun reveal(photoId: String): String = asking { core.reveal(photoId) }

    /** The photos that have to be taken again. */
    public suspend fun rejected(): List<Retake> = asking { core.rejected() }

    /** Sends bytes until nothing is left to send or the network gives way. */
    public suspend fun upload(): UploadReport = stoppable { core.upload(it) }

    /**
     * The person wants all photos sent now, whatever the network costs: holds for what waits at the moment. [upload] then
     * sends the originals, too, that would have waited for a network that is not paid for by volume.
     */
    public suspend fun sendOriginalsNow(): Unit = asking { core.sendOriginalsNow() }

    /**
     * Hands at most so many files to the host's transport, to be sent while the app is suspended or gone; how many it
     * took. Without a transport none.
     */
    public suspend fun handOut(most: Int): Int = stoppable { core.handOut(most.coerceAtLeast(0).toUInt(), it).toInt() }

    /**
     * Says that the host's transport has ended with a file, well or not. [upload] then asks the server where it stands,
     * and goes on from there.
     */
    public suspend fun transferEnded(id: String): Unit = asking { core.transferEnded(id) }

    /** Lets originals go that the server has, and files that belong to nothing. */
    public suspend fun freeSpace(): SweepReport = asking { core.freeSpace() }
}
