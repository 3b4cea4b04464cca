import Foundation
import StorewalkGenerated

/// Why a call did not do what it promises. Each case calls for another reaction; the exact cause is in ``code``, the
/// words for a person are in ``what`` and ``nextStep``, in both languages.
///
/// What the rules have to say to a person's intent is no error but an ``Attempt/refused(_:)``. A long call whose task was
/// cancelled throws `CancellationError`.
public enum StorewalkError: Error, Equatable, Sendable {
    /// There is no way to the server now, or it asks to wait; work goes on without it.
    case unreachable(Details, retryAfterMs: UInt64?)
    /// Somebody has to sign in; what was captured stays.
    case signedOut(Details)
    /// The core or the server objects to what was asked; asking the same again changes nothing. What stands in the way,
    /// one by one, may be empty.
    case rejected(Details, problems: [Problem])
    /// It would leave work unsent: commands the server has not acknowledged, photos it has not received, drafts that
    /// another person's sign-in would throw away.
    case unsent(Details, commands: UInt64, photos: UInt64, drafts: UInt64)
    /// The phone's storage, or the key to it, cannot be used; nothing was half done.
    case storage(Details)
    /// The core is paused or shut down.
    case closed(Details)
    /// A fault of the core's.
    case `internal`(Details)

    /// What happened, by name and in words.
    public var details: Details {
        switch self {
        case .unreachable(let details, _), .signedOut(let details), .rejected(let details, _),
            .unsent(let details, _, _, _), .storage(let details), .closed(let details), .internal(let details):
            details
        }
    }

    /// Stable code; what logs and support speak of.
    public var code: String { details.code }

    /// What happened, for a person.
    public var what: Localized { details.what }

    /// What the person can do next.
    public var nextStep: Localized { details.nextStep }
}

extension StorewalkError: LocalizedError, CustomStringConvertible {
    public var errorDescription: String? { what.text() }

    public var recoverySuggestion: String? { nextStep.text() }

    /// For logs.
    public var description: String { "\(code): \(what.en)" }
}

extension Localized {
    /// The sentence in the language of a locale: Chinese where that is Chinese, English everywhere else.
    public func text(for locale: Locale = .current) -> String {
        locale.identifier.hasPrefix("zh") ? zh : en
    }
}

extension StorewalkError {
    /// The core's word as this package says it. Whatever else crosses is a fault of ours.
    init(told error: any Error) {
        switch error as? CoreError {
        case .Unreachable(let details, let retryAfterMs): self = .unreachable(details, retryAfterMs: retryAfterMs)
        case .SignedOut(let details): self = .signedOut(details)
        case .Rejected(let details, let problems): self = .rejected(details, problems: problems)
        case .Unsent(let details, let commands, let photos, let drafts):
            self = .unsent(details, commands: commands, photos: photos, drafts: drafts)
        case .Storage(let details): self = .storage(details)
        case .Closed(let details): self = .closed(details)
        case .Internal(let details): self = .internal(details)
        // Only a call that was given a token can be cancelled, and `stoppable` has taken that out.
        case .Cancelled(let details): self = .internal(details)
        case nil: self = .internal(fault)
        }
    }
}

/// The words for a fault that has none of its own.
private let fault = Details(
    code: "internal",
    what: Localized(zh: "应用内部出错", en: "Something went wrong inside the app"),
    nextStep: Localized(zh: "请重试；如再次出现，请联系支持人员", en: "Try again; if it happens again, contact support")
)
