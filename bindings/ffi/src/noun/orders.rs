//! Drafts, what they would cost and why, placing them, what became of them, what to order next.

use storewalk_domain::{money::Money, quantity::Quantity};

use super::part;
use crate::{
    CoreError, Draft, DraftAttempt, DraftHead, IdAttempt, Order, OrderAttempt, PromiseKept, SubmitAttempt, Suggestion,
    Topic, argument,
};

part! {
    /// Drafts and orders.
    Orders
}

const DRAFTS: &[Topic] = &[Topic::Orders];
const PLACED: &[Topic] = &[Topic::Orders, Topic::Notices, Topic::Sync];

#[uniffi::export]
impl Orders {
    /// Begins a draft for a dealer, in an outlet or not. Its id is that of the order it may become.
    #[uniffi::method(default(outlet_id = None))]
    pub async fn create_draft(&self, dealer_id: String, outlet_id: Option<String>) -> Result<IdAttempt, CoreError> {
        let dealer_id = argument::id(&dealer_id, "dealer_id")?;
        let outlet_id = argument::maybe_id(outlet_id.as_deref(), "outlet_id")?;
        self.core.change(DRAFTS, move |phone| phone.orders().create_draft(dealer_id, outlet_id)).await
    }

    /// Sets how many of a product a draft asks for, from the order's price list or from another one. A quantity that
    /// breaks the pack rule is refused with the nearest ones that do not.
    #[uniffi::method(default(price_list_id = None))]
    pub async fn set_line(
        &self,
        draft_id: String,
        product_id: String,
        quantity: u32,
        price_list_id: Option<String>,
    ) -> Result<DraftAttempt, CoreError> {
        let (draft_id, product_id) = (argument::id(&draft_id, "draft_id")?, argument::id(&product_id, "product_id")?);
        let (list, quantity) = (argument::maybe_id(price_list_id.as_deref(), "price_list_id")?, Quantity(quantity));
        self.core.change(DRAFTS, move |phone| phone.orders().set_line(draft_id, product_id, quantity, list)).await
    }

    /// Takes a line out of a draft; it may already be gone.
    #[uniffi::method(default(price_list_id = None))]
    pub async fn remove_line(
        &self,
        draft_id: String,
        product_id: String,
        price_list_id: Option<String>,
    ) -> Result<Draft, CoreError> {
        let (draft_id, product_id) = (argument::id(&draft_id, "draft_id")?, argument::id(&product_id, "product_id")?);
        let list = argument::maybe_id(price_list_id.as_deref(), "price_list_id")?;
        self.core.change(DRAFTS, move |phone| phone.orders().remove_line(draft_id, product_id, list)).await
    }

    /// The drafts on this phone, the one edited last at the top.
    pub async fn drafts(&self) -> Result<Vec<DraftHead>, CoreError> {
        self.core.list(|phone| phone.orders().drafts()).await
    }

    /// What a draft would cost now and why, what is in its way, and what it would mean for the dealer's credit.
    pub async fn price(&self, draft_id: String) -> Result<Draft, CoreError> {
        let draft_id = argument::id(&draft_id, "draft_id")?;
        self.core.read(move |phone| phone.orders().price(draft_id)).await
    }

    /// Throws a draft away; it may already be gone.
    pub async fn discard_draft(&self, draft_id: String) -> Result<(), CoreError> {
        let draft_id = argument::id(&draft_id, "draft_id")?;
        self.core.change(DRAFTS, move |phone| phone.orders().discard_draft(draft_id)).await
    }

    /// Places the order of a draft; the server's word on it is still to come.
    pub async fn submit(&self, draft_id: String) -> Result<SubmitAttempt, CoreError> {
        let draft_id = argument::id(&draft_id, "draft_id")?;
        self.core.change(PLACED, move |phone| phone.orders().submit(draft_id)).await
    }

    /// The orders of a dealer, the newest at the top.
    pub async fn of_dealer(&self, dealer_id: String) -> Result<Vec<Order>, CoreError> {
        let dealer_id = argument::id(&dealer_id, "dealer_id")?;
        self.core.list(move |phone| phone.orders().list(dealer_id)).await
    }

    /// One order with its trace in sentences.
    pub async fn view(&self, order_id: String) -> Result<Order, CoreError> {
        let order_id = argument::id(&order_id, "order_id")?;
        self.core.read(move |phone| phone.orders().view(order_id)).await
    }

    /// Calls an order off.
    pub async fn cancel_order(&self, order_id: String) -> Result<OrderAttempt, CoreError> {
        let order_id = argument::id(&order_id, "order_id")?;
        self.core.change(PLACED, move |phone| phone.orders().cancel(order_id)).await
    }

    /// Agrees to another price; the amount is named so that nobody agrees to one they have not seen.
    pub async fn confirm(&self, order_id: String, payable: Money) -> Result<OrderAttempt, CoreError> {
        let order_id = argument::id(&order_id, "order_id")?;
        self.core.change(PLACED, move |phone| phone.orders().confirm(order_id, payable)).await
    }

    /// Claims the price protection that is offered, or lets it go; the amount is named for the same reason.
    pub async fn answer_claim(
        &self,
        order_id: String,
        amount: Money,
        is_claimed: bool,
    ) -> Result<OrderAttempt, CoreError> {
        let order_id = argument::id(&order_id, "order_id")?;
        self.core.change(PLACED, move |phone| phone.orders().answer_claim(order_id, amount, is_claimed)).await
    }

    /// What a dealer should order now, what runs out first at the top.
    pub async fn suggestions(&self, dealer_id: String) -> Result<Vec<Suggestion>, CoreError> {
        let dealer_id = argument::id(&dealer_id, "dealer_id")?;
        self.core.list(move |phone| phone.orders().suggestions(dealer_id)).await
    }

    /// How much of what was accepted in a month, named by any of its days, came within the promised days.
    pub async fn promise_kept(&self, dealer_id: String, month: String) -> Result<PromiseKept, CoreError> {
        let (dealer_id, month) = (argument::id(&dealer_id, "dealer_id")?, argument::date(&month, "month")?);
        self.core.read(move |phone| phone.orders().promise_kept(dealer_id, month)).await
    }
}
