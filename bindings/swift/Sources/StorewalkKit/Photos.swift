import StorewalkGenerated

/// Photos: taking one in from a file, showing them, taking rejected ones again, sending their bytes.
public final class Photos: Sendable {
    private let core: StorewalkGenerated.Photos

    init(_ core: StorewalkGenerated.Photos) {
        self.core = core
    }

    /// Takes a photo in from a file, which stays as it is. `replaces` names the photo that this one is a retake of,
    /// `fromGallery` says that it was not shot just now, `tilt` is the phone's in degrees.
    public func capture(
        visitId: String,
        zone: String,
        path: String,
        replaces: String? = nil,
        fromGallery: Bool = false,
        tilt: Float? = nil
    ) async throws(StorewalkError) -> Attempt<CapturedPhoto> {
        let attempt = try await asking {
            try await core.capture(
                visitId: visitId, zone: zone, path: path, replaces: replaces, fromGallery: fromGallery, tilt: tilt)
        }
        return attempt.told()
    }

    /// Answers a signal of a photo in the rep's words.
    public func answerSignal(
        photoId: String,
        signal: SignalKind,
        text: String
    ) async throws(StorewalkError) -> Attempt<Void> {
        let attempt = try await asking { try await core.answerSignal(photoId: photoId, signal: signal, text: text) }
        return attempt.told()
    }

    /// The photos of a visit in the order they were taken, replaced ones included.
    public func ofVisit(_ visitId: String) async throws(StorewalkError) -> [Photo] {
        try await asking { try await core.ofVisit(visitId: visitId) }
    }

    /// Lays an original and its stamped copy out where the photo's record says they are, and answers with the original's
    /// place. Only encrypted data needs it: the plain copies go when the core is paused, ended or opened again.
    public func reveal(photoId: String) async throws(StorewalkError) -> String {
        try await asking { try await core.reveal(photoId: photoId) }
    }

    /// The photos that have to be taken again, those due first at the top.
    public func rejected() async throws(StorewalkError) -> [Retake] {
        try await asking { try await core.rejected() }
    }

    /// Sends the bytes that are due until none is left or the network fails, which is in the report. Beside any sync,
    /// never in its way.
    public func upload() async throws -> UploadReport {
        try await stoppable { try await core.upload(cancel: $0) }
    }

    /// The person wants all photos sent now, whatever the network costs: holds for what waits at the moment. ``upload()``
    /// then sends the originals, too, that would have waited for a network that is not paid for by volume.
    public func sendOriginalsNow() async throws(StorewalkError) {
        try await asking { try await core.sendOriginalsNow() }
    }

    /// Hands as many of the files that are due to ``PhoneHost/enqueue``; how many it took. The token in a request runs out
    /// before long: hand out what the background window can carry.
    public func handOut(most: UInt32) async throws -> UInt32 {
        try await stoppable { try await core.handOut(most: most, cancel: $0) }
    }

    /// Says that a request that was handed out has ended, however it has; the core asks the server what arrived.
    public func transferEnded(id: String) async throws(StorewalkError) {
        try await asking { try await core.transferEnded(id: id) }
    }

    /// Frees the originals that the server holds for good. Thumbnails stay.
    public func freeSpace() async throws(StorewalkError) -> SweepReport {
        try await asking { try await core.freeSpace() }
    }
}
