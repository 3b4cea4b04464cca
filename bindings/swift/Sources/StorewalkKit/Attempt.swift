import StorewalkGenerated

/// What became of a person's intent: the rules let it pass, or they say why not. Neither is an error.
public enum Attempt<Value: Sendable>: Sendable {
    /// It is done and on disk.
    case done(Value)
    /// Nothing was done; each problem has a code, words for a person and a next step. Never empty.
    case refused([Problem])

    /// The value, or nothing when it was refused.
    public var value: Value? {
        if case .done(let value) = self { value } else { nil }
    }

    /// What stands in the way; empty when it was done.
    public var problems: [Problem] {
        if case .refused(let problems) = self { problems } else { [] }
    }
}

extension Attempt: Equatable where Value: Equatable {}

// The core has one type of answer for each kind of value; here there is one for all.

extension StorewalkGenerated.Attempt {
    func told() -> Attempt<Void> {
        switch self {
        case .done: .done(())
        case .refused(let problems): .refused(problems)
        }
    }
}

extension IdAttempt {
    func told() -> Attempt<String> {
        switch self {
        case .done(let value): .done(value)
        case .refused(let problems): .refused(problems)
        }
    }
}

extension StartAttempt {
    func told() -> Attempt<StartedVisit> {
        switch self {
        case .done(let value): .done(value)
        case .refused(let problems): .refused(problems)
        }
    }
}

extension FinishAttempt {
    func told() -> Attempt<FinishedVisit> {
        switch self {
        case .done(let value): .done(value)
        case .refused(let problems): .refused(problems)
        }
    }
}

extension CaptureAttempt {
    func told() -> Attempt<CapturedPhoto> {
        switch self {
        case .done(let value): .done(value)
        case .refused(let problems): .refused(problems)
        }
    }
}

extension DraftAttempt {
    func told() -> Attempt<Draft> {
        switch self {
        case .done(let value): .done(value)
        case .refused(let problems): .refused(problems)
        }
    }
}

extension SubmitAttempt {
    func told() -> Attempt<SubmittedOrder> {
        switch self {
        case .done(let value): .done(value)
        case .refused(let problems): .refused(problems)
        }
    }
}

extension OrderAttempt {
    func told() -> Attempt<Order> {
        switch self {
        case .done(let value): .done(value)
        case .refused(let problems): .refused(problems)
        }
    }
}

extension ProfileAttempt {
    func told() -> Attempt<Profile> {
        switch self {
        case .done(let value): .done(value)
        case .refused(let problems): .refused(problems)
        }
    }
}
