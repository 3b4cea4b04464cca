package storewalk

import storewalk.generated.core.Orders as Core

/** Drafts, what they would cost and why, placing them, what became of them, what to order next. */
public class Orders internal constructor(
    private val core: Core,
) {
    /** Begins a draft. */
    public suspend fun createDraft(
        dealerId: String,
        outletId: String? = null,
    ): Attempt<String> = asking { core.createDraft(dealerId, outletId).told() }

    /** Sets a line of a draft, in sales units, on a price list of its own where one is named. */
    public suspend fun setLine(
        draftId: String,
        productId: String,
        quantity: UInt,
        priceListId: String? = null,
    ): Attempt<Draft> = asking { core.setLine(draftId, productId, quantity, priceListId).told() }

    /** Takes a line out of a draft. */
    public suspend fun removeLine(
        draftId: String,
        productId: String,
        priceListId: String? = null,
    ): Draft = asking { core.removeLine(draftId, productId, priceListId) }

    /** Every draft. */
    public suspend fun drafts(): List<DraftHead> = asking { core.drafts() }

    /** A draft with what it would cost, and how that comes about. */
    public suspend fun price(draftId: String): Draft = asking { core.price(draftId) }

    /** Throws a draft away. */
    public suspend fun discardDraft(draftId: String): Unit = asking { core.discardDraft(draftId) }

    /** Places an order. */
    public suspend fun submit(draftId: String): Attempt<SubmittedOrder> = asking { core.submit(draftId).told() }

    /** The orders of a dealer. */
    public suspend fun ofDealer(dealerId: String): List<Order> = asking { core.ofDealer(dealerId) }

    /** An order that was placed. */
    public suspend fun view(orderId: String): Order = asking { core.view(orderId) }

    /** Calls an order off. */
    public suspend fun cancel(orderId: String): Attempt<Order> = asking { core.cancelOrder(orderId).told() }

    /** Accepts what the server made of an order, for this amount. */
    public suspend fun confirm(
        orderId: String,
        payable: Money,
    ): Attempt<Order> = asking { core.confirm(orderId, payable).told() }

    /** Says whether price protection of this amount is claimed. */
    public suspend fun answerClaim(
        orderId: String,
        amount: Money,
        isClaimed: Boolean,
    ): Attempt<Order> = asking { core.answerClaim(orderId, amount, isClaimed).told() }

    /** What a dealer should order, and why. */
    public suspend fun suggestions(dealerId: String): List<Suggestion> = asking { core.suggestions(dealerId) }

    /** How many deliveries of a month came by the promised date; the month by any of its days, `YYYY-MM-DD`. */
    public suspend fun promiseKept(
        dealerId: String,
        month: String,
    ): PromiseKept = asking { core.promiseKept(dealerId, month) }
}
