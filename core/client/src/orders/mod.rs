//! Orders: drafts on the phone, what they would cost and why, submitting, what became of them, what to order next.
//!
//! **States.** A draft lives on this phone only, every edit on disk before it shows. Submitting turns it into a command
//! and removes it in the same transaction; the order keeps the draft's id, so submitting twice charges once.
//!
//! **Invariants.** A price is reckoned from scratch each time: the order of edits has no say. What the phone says about
//! credit is an estimate with its age; the server decides.

mod draft;
mod history;
mod submit;
mod suggest;
#[cfg(test)]
mod tests;
mod view;

use storewalk_domain::{
    dealer::Dealer,
    ids::{DealerId, OrderId, OutletId, PriceListId, ProductId},
    money::Money,
    problem::{Problem, ProblemCode},
    quantity::Quantity,
    sync::{AnswerClaim, CancelOrder, ConfirmOrder, StateExt},
    time::BusinessDate,
};
use storewalk_sqlite::SqliteState;

pub use submit::{SubmitResult, SubmittedOrder};
pub use suggest::{PromiseView, SuggestionView};
pub use view::{ClaimView, CreditView, DraftHead, DraftLineView, DraftView, OrderLineView, OrderView};

use crate::{Attempt, ClientError, Phone};

impl Phone {
    /// Orders.
    pub fn orders(&self) -> Orders<'_> {
        Orders::of(self)
    }
}

/// Orders.
pub struct Orders<'p> {
    phone: &'p Phone,
}

impl<'p> Orders<'p> {
    pub(crate) fn of(phone: &'p Phone) -> Self {
        Self { phone }
    }

    /// Begins a draft for a dealer, in an outlet or not. Its id is that of the order it may become.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn create_draft(
        &self,
        dealer_id: DealerId,
        outlet_id: Option<OutletId>,
    ) -> Result<Attempt<OrderId>, ClientError> {
        let id = OrderId(self.phone.new_id());
        let now = self.phone.now().trusted();
        self.phone.write(|transaction| {
            if SqliteState(transaction).get::<Dealer>(dealer_id.row())?.is_none() {
                return Ok(Attempt::refused(&Problem::new(ProblemCode::NotFound).at("dealer_id")));
            }
            draft::insert(transaction, id, dealer_id, outlet_id, now)?;
            Ok(Attempt::Done(id))
        })
    }

    /// Sets how many of a product a draft asks for, from the order's price list or, with `price_list_id`, from another
    /// one. A quantity that breaks the pack rule is refused with the nearest ones that do not, and the draft stays.
    ///
    /// # Errors
    /// When there is no such draft or the storage fails.
    pub fn set_line(
        &self,
        draft_id: OrderId,
        product_id: ProductId,
        quantity: Quantity,
        price_list_id: Option<PriceListId>,
    ) -> Result<Attempt<DraftView>, ClientError> {
        let now = self.phone.now().trusted();
        let refusal = self.phone.write(|transaction| {
            if let Some(problem) = draft::quantity_problem(transaction, product_id, quantity)? {
                return Ok(Some(problem));
            }
            draft::set_line(transaction, draft_id, product_id, price_list_id, quantity, now)?;
            Ok(None)
        })?;
        match refusal {
            Some(problem) => Ok(Attempt::refused(&problem)),
            None => self.price(draft_id).map(Attempt::Done),
        }
    }

    /// Takes a line out of a draft; it may already be gone.
    ///
    /// # Errors
    /// When there is no such draft or the storage fails.
    pub fn remove_line(
        &self,
        draft_id: OrderId,
        product_id: ProductId,
        price_list_id: Option<PriceListId>,
    ) -> Result<DraftView, ClientError> {
        let now = self.phone.now().trusted();
        self.phone.write(|transaction| draft::remove_line(transaction, draft_id, product_id, price_list_id, now))?;
        self.price(draft_id)
    }

    /// The drafts on this phone, the one edited last at the top.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn drafts(&self) -> Result<Vec<DraftHead>, ClientError> {
        self.phone.read(draft::heads)
    }

    /// Throws a draft away; it may already be gone.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn discard_draft(&self, draft_id: OrderId) -> Result<(), ClientError> {
        self.phone.write(|transaction| draft::remove(transaction, draft_id))
    }

    /// What a draft would cost now and why, what is in its way, and what it would mean for the dealer's credit.
    ///
    /// # Errors
    /// When there is no such draft or the database cannot be read.
    pub fn price(&self, draft_id: OrderId) -> Result<DraftView, ClientError> {
        let now = self.phone.now().trusted();
        self.phone.read(|connection| view::draft(connection, draft_id, now))
    }

    /// Places the order of a draft, with the next number of this device.
    ///
    /// # Errors
    /// When there is no such draft, nobody is signed in or the storage fails.
    pub fn submit(&self, draft_id: OrderId) -> Result<SubmitResult, ClientError> {
        submit::submit(self.phone, draft_id)
    }

    /// The orders of a dealer, the newest at the top.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self, dealer_id: DealerId) -> Result<Vec<OrderView>, ClientError> {
        self.phone.read(|connection| history::orders_of(connection, dealer_id))
    }

    /// One order with its trace in sentences.
    ///
    /// # Errors
    /// When there is no such order or the database cannot be read.
    pub fn view(&self, order_id: OrderId) -> Result<OrderView, ClientError> {
        self.phone.read(|connection| history::order(connection, order_id))
    }

    /// Calls an order off.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn cancel(&self, order_id: OrderId) -> Result<Attempt<OrderView>, ClientError> {
        let recorded = self.phone.record(CancelOrder { order_id })?;
        self.shown(order_id, Attempt::from(recorded).map(|_| ()))
    }

    /// Agrees to another price; the amount is named so that nobody agrees to one they have not seen.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn confirm(&self, order_id: OrderId, payable: Money) -> Result<Attempt<OrderView>, ClientError> {
        let recorded = self.phone.record(ConfirmOrder { order_id, payable })?;
        self.shown(order_id, Attempt::from(recorded).map(|_| ()))
    }

    /// Claims the price protection that is offered, or lets it go; the amount is named so that nobody answers to one they
    /// have not seen.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn answer_claim(
        &self,
        order_id: OrderId,
        amount: Money,
        is_claimed: bool,
    ) -> Result<Attempt<OrderView>, ClientError> {
        let recorded = self.phone.record(AnswerClaim { order_id, amount, is_claimed })?;
        self.shown(order_id, Attempt::from(recorded).map(|_| ()))
    }

    /// What a dealer should order now, what runs out first at the top.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn suggestions(&self, dealer_id: DealerId) -> Result<Vec<SuggestionView>, ClientError> {
        self.phone.read(|connection| suggest::suggestions(connection, dealer_id))
    }

    /// How much of what was accepted in a month (named by any of its days) came within the promised days.
    ///
    /// # Errors
    /// When there is no such dealer, nobody is signed in or the database cannot be read.
    pub fn promise_kept(&self, dealer_id: DealerId, month: BusinessDate) -> Result<PromiseView, ClientError> {
        let promise_days = self.phone.policies()?.promise_days;
        let now = self.phone.now().trusted();
        self.phone.read(|connection| suggest::promise_kept(connection, dealer_id, month, promise_days, now))
    }

    fn shown(&self, order_id: OrderId, attempt: Attempt<()>) -> Result<Attempt<OrderView>, ClientError> {
        match attempt {
            Attempt::Done(()) => self.view(order_id).map(Attempt::Done),
            Attempt::Refused(problems) => Ok(Attempt::Refused(problems)),
        }
    }
}
