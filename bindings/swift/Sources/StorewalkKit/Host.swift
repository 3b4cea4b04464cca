import Foundation
import StorewalkGenerated

/// What the platform owns and the core asks for. All of it may be missing; the core then does without.
///
/// Each is asked on a thread of the core's that may wait, another one each time, and must answer there. What one of them
/// throws, the core treats as "not known" and notes, except the key store's answer, without which nothing opens.
public struct PhoneHost: Sendable {
    /// The 32 bytes kept under a name in the Keychain; made from the system's random source and kept when there are none
    /// yet. Throws ``HostError/locked`` or ``HostError/gone`` when the key cannot be had.
    public var key: (@Sendable (_ name: String) throws -> Data)?
    /// The network as the system sees it; asked before it is used.
    public var network: (@Sendable () throws -> Network)?
    /// Bytes that may still be written in a folder; asked before a photo is taken in.
    public var freeBytes: (@Sendable (_ folder: String) throws -> UInt64)?
    /// The latest fix, at once; nothing when there is none. Asked where a visit begins and ends, when the caller does
    /// not say.
    public var latestFix: (@Sendable () throws -> Fix?)?
    /// Takes over a request that sends a photo's file, as a background session can while the app is suspended or gone;
    /// ``Photos/transferEnded(id:)`` is to be called when it has ended, however it has, be it by a later process. When it
    /// throws, the core sends the file by itself.
    public var enqueue: (@Sendable (TransferRequest) throws -> Void)?

    public init(
        key: (@Sendable (_ name: String) throws -> Data)? = nil,
        network: (@Sendable () throws -> Network)? = nil,
        freeBytes: (@Sendable (_ folder: String) throws -> UInt64)? = nil,
        latestFix: (@Sendable () throws -> Fix?)? = nil,
        enqueue: (@Sendable (TransferRequest) throws -> Void)? = nil
    ) {
        self.key = key
        self.network = network
        self.freeBytes = freeBytes
        self.latestFix = latestFix
        self.enqueue = enqueue
    }
}

/// Why the platform could not answer.
public enum HostError: Error, Sendable {
    /// Not now: the device was not unlocked since it started.
    case locked
    /// Gone for good: a key that was invalidated or left behind on another device.
    case gone
    /// The person has not allowed it.
    case notAllowed
}

extension PhoneHost {
    func forTheCore() -> Platform {
        Platform(
            keyStore: key.map { AskedKeyStore(ask: $0) },
            connectivity: network.map { AskedConnectivity(ask: $0) },
            freeSpace: freeBytes.map { AskedFreeSpace(ask: $0) },
            position: latestFix.map { AskedPosition(ask: $0) },
            transport: enqueue.map { AskedTransport(ask: $0) }
        )
    }
}

private final class AskedKeyStore: KeyStore {
    let ask: @Sendable (String) throws -> Data

    init(ask: @escaping @Sendable (String) throws -> Data) {
        self.ask = ask
    }

    func loadOrCreate(name: String) throws -> Data {
        try answering { try ask(name) }
    }
}

private final class AskedConnectivity: Connectivity {
    let ask: @Sendable () throws -> Network

    init(ask: @escaping @Sendable () throws -> Network) {
        self.ask = ask
    }

    func network() throws -> Network {
        try answering(ask)
    }
}

private final class AskedFreeSpace: FreeSpace {
    let ask: @Sendable (String) throws -> UInt64

    init(ask: @escaping @Sendable (String) throws -> UInt64) {
        self.ask = ask
    }

    func freeBytes(folder: String) throws -> UInt64 {
        try answering { try ask(folder) }
    }
}

private final class AskedPosition: PositionSource {
    let ask: @Sendable () throws -> Fix?

    init(ask: @escaping @Sendable () throws -> Fix?) {
        self.ask = ask
    }

    func latestFix() throws -> Fix? {
        try answering(ask)
    }
}

private final class AskedTransport: Transport {
    let ask: @Sendable (TransferRequest) throws -> Void

    init(ask: @escaping @Sendable (TransferRequest) throws -> Void) {
        self.ask = ask
    }

    func enqueue(request: TransferRequest) throws {
        try answering { try ask(request) }
    }
}

/// The host's answer; what it throws becomes a value that the core knows.
private func answering<Answer>(_ answer: () throws -> Answer) throws -> Answer {
    do {
        return try answer()
    } catch HostError.locked {
        throw PlatformError.Locked
    } catch HostError.gone {
        throw PlatformError.Gone
    } catch HostError.notAllowed {
        throw PlatformError.NotAllowed
    } catch {
        // The kind of error and no more: its text may hold what is a person's.
        throw PlatformError.Failed(detail: "\(type(of: error))")
    }
}
