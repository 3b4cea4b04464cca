import StorewalkGenerated

/// Drafts, what they would cost and why, placing them, what became of them, what to order next.
public final class Orders: Sendable {
    private let core: StorewalkGenerated.Orders

    init(_ core: StorewalkGenerated.Orders) {
        self.core = core
    }

    /// Begins a draft for a dealer, in an outlet or not. Its id is that of the order it may become.
    public func createDraft(
        dealerId: String,
        outletId: String? = nil
    ) async throws(StorewalkError) -> Attempt<String> {
        try await asking { try await core.createDraft(dealerId: dealerId, outletId: outletId) }.told()
    }

    /// Sets how many of a product a draft asks for, from the order's price list or from another one. A quantity that
    /// breaks the pack rule is refused with the nearest ones that do not.
    public func setLine(
        draftId: String,
        productId: String,
        quantity: UInt32,
        priceListId: String? = nil
    ) async throws(StorewalkError) -> Attempt<Draft> {
        let attempt = try await asking {
            try await core.setLine(
                draftId: draftId, productId: productId, quantity: quantity, priceListId: priceListId)
        }
        return attempt.told()
    }

    /// Takes a line out of a draft; it may already be gone.
    public func removeLine(
        draftId: String,
        productId: String,
        priceListId: String? = nil
    ) async throws(StorewalkError) -> Draft {
        try await asking {
            try await core.removeLine(draftId: draftId, productId: productId, priceListId: priceListId)
        }
    }

    /// The drafts on this phone, the one edited last at the top.
    public func drafts() async throws(StorewalkError) -> [DraftHead] {
        try await asking { try await core.drafts() }
    }

    /// What a draft would cost now and why, what is in its way, and what it would mean for the dealer's credit.
    public func price(draftId: String) async throws(StorewalkError) -> Draft {
        try await asking { try await core.price(draftId: draftId) }
    }

    /// Throws a draft away; it may already be gone.
    public func discardDraft(_ draftId: String) async throws(StorewalkError) {
        try await asking { try await core.discardDraft(draftId: draftId) }
    }

    /// Places the order of a draft; the server's word on it is still to come.
    public func submit(draftId: String) async throws(StorewalkError) -> Attempt<SubmittedOrder> {
        try await asking { try await core.submit(draftId: draftId) }.told()
    }

    /// The orders of a dealer, the newest at the top.
    public func ofDealer(_ dealerId: String) async throws(StorewalkError) -> [Order] {
        try await asking { try await core.ofDealer(dealerId: dealerId) }
    }

    /// One order with its trace in sentences.
    public func view(orderId: String) async throws(StorewalkError) -> Order {
        try await asking { try await core.view(orderId: orderId) }
    }

    /// Calls an order off.
    public func cancel(orderId: String) async throws(StorewalkError) -> Attempt<Order> {
        try await asking { try await core.cancelOrder(orderId: orderId) }.told()
    }

    /// Agrees to another price; the amount is named so that nobody agrees to one they have not seen.
    public func confirm(orderId: String, payable: Money) async throws(StorewalkError) -> Attempt<Order> {
        try await asking { try await core.confirm(orderId: orderId, payable: payable) }.told()
    }

    /// Claims the price protection that is offered, or lets it go; the amount is named for the same reason.
    public func answerClaim(
        orderId: String,
        amount: Money,
        isClaimed: Bool
    ) async throws(StorewalkError) -> Attempt<Order> {
        let attempt = try await asking {
            try await core.answerClaim(orderId: orderId, amount: amount, isClaimed: isClaimed)
        }
        return attempt.told()
    }

    /// What a dealer should order now, what runs out first at the top.
    public func suggestions(dealerId: String) async throws(StorewalkError) -> [Suggestion] {
        try await asking { try await core.suggestions(dealerId: dealerId) }
    }

    /// How much of what was accepted in a month, named by any of its days, came within the promised days.
    public func promiseKept(dealerId: String, month: String) async throws(StorewalkError) -> PromiseKept {
        try await asking { try await core.promiseKept(dealerId: dealerId, month: month) }
    }
}
