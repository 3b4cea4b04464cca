//! What an order is priced on: which list, at which instant, with which lines.
//!
//! Under policy A the captured lists stand when all of them were valid at capture and the order arrives within the
//! honoured hours; otherwise, and always under policy B, the moment of arrival counts: a named list that is still
//! valid then stays, another gives way to the dealer's standard list. A phone decides as if the order arrived at once.
//!
//! A confirmation is priced the same way, so that a price that waited too long for it is never accepted: its lists
//! stand when they count at the moment of the order or at that of the confirmation.

use std::collections::BTreeMap;

use super::{LineRequest, Order, PriceBook, PricePolicy, PricedOrder, PricingRequest, price_order};
use crate::{
    catalog::{PriceList, standard_list},
    dealer::Dealer,
    ids::{PriceListId, ProductId},
    problem::Problem,
    sync::{Context, Find, State, StateError, StateExt, SubmitOrder},
    time::{HOUR_MS, Timestamp},
};

/// The instant an order is credited with: its capture, or its arrival when a clock claims that it came from later.
pub(super) fn placed_at(context: &Context) -> Timestamp {
    context.captured_at.min(context.decided_at())
}

/// What is to be priced, and by which rule.
pub(super) struct Asked {
    price_list_id: PriceListId,
    lines: Vec<LineRequest>,
    policy: PricePolicy,
    /// The moments whose lists may be honoured, first choice first.
    moments: Vec<Timestamp>,
}

impl Asked {
    /// What a submission asks for.
    pub(super) fn by_submission(args: &SubmitOrder, context: &Context) -> Self {
        Self {
            price_list_id: args.price_list_id,
            lines: args.lines.clone(),
            policy: context.policies.price_policy,
            moments: vec![placed_at(context)],
        }
    }

    /// What the confirmation of an order asks for: the same goods on the same lists, under the order's own policy.
    pub(super) fn by_confirmation(order: &Order, context: &Context) -> Self {
        let list = order.priced.price_list_id;
        let lines = order.priced.lines.iter().map(|line| LineRequest {
            product_id: line.product_id,
            quantity: line.quantity,
            price_list_id: Some(line.price_list_id).filter(|own| *own != list),
        });
        Self {
            price_list_id: list,
            lines: lines.collect(),
            policy: order.price_policy,
            moments: vec![order.placed_at, placed_at(context)],
        }
    }

    fn named_lists(&self) -> impl Iterator<Item = PriceListId> {
        self.lines.iter().filter_map(|line| line.price_list_id).chain([self.price_list_id])
    }
}

/// Prices what is asked for on the lists that count.
pub(super) fn price_on_arrival(
    state: &dyn State,
    asked: &Asked,
    dealer: &Dealer,
    context: &Context,
) -> Result<Result<PricedOrder, Vec<Problem>>, StateError> {
    let standard = standard_now(state, dealer, context.decided_at())?;
    let candidates: Vec<PriceListId> = standard.into_iter().chain([asked.price_list_id]).collect();
    let book = PriceBook::load(state, &asked.lines, &candidates)?;
    let usable_at =
        |id: PriceListId, at: Timestamp| book.usable_list(id, dealer.id, dealer.credit_limit.currency, at).is_ok();
    let at = instant(asked, context, &usable_at);
    let is_usable = |id: PriceListId| usable_at(id, at);
    let price_list_id = if is_usable(asked.price_list_id) { None } else { standard }.unwrap_or(asked.price_list_id);
    let lines = lines_on(asked, price_list_id, is_usable);
    let currency = dealer.credit_limit.currency;
    Ok(price_order(&PricingRequest { dealer_id: dealer.id, currency, price_list_id, lines: &lines, at }, &book))
}

/// Prices what is asked for as if nothing were honoured; `None` when every list it names still stands on arrival, so that
/// nothing would be priced on another one.
pub(super) fn price_without_honour(
    state: &dyn State,
    asked: &Asked,
    dealer: &Dealer,
    context: &Context,
) -> Result<Option<PricedOrder>, StateError> {
    let lists: Vec<PriceList> = state.list(Find::PriceLists)?;
    let book = PriceBook::new([], lists, [], []);
    let (currency, at) = (dealer.credit_limit.currency, context.decided_at());
    if asked.named_lists().all(|list| book.usable_list(list, dealer.id, currency, at).is_ok()) {
        return Ok(None);
    }
    let asked =
        Asked { policy: PricePolicy::RepriceOnArrival, lines: asked.lines.clone(), moments: Vec::new(), ..*asked };
    Ok(price_on_arrival(state, &asked, dealer, context)?.ok())
}

/// Prices a draft on the standard list of an instant, for the screen it is edited on.
///
/// # Errors
/// When the database fails. The inner result is that of [`price_order`].
pub fn quote<S: State + ?Sized>(
    state: &S,
    dealer: &Dealer,
    lines: &[LineRequest],
    at: Timestamp,
) -> Result<Result<PricedOrder, Vec<Problem>>, StateError> {
    // Without a standard list the order names none that exists, which pricing reports like any other missing list.
    let price_list_id = standard_now(state, dealer, at)?.unwrap_or(PriceListId(uuid::Uuid::nil()));
    let book = PriceBook::load(state, lines, &[price_list_id])?;
    let currency = dealer.credit_limit.currency;
    Ok(price_order(&PricingRequest { dealer_id: dealer.id, currency, price_list_id, lines, at }, &book))
}

fn standard_now<S: State + ?Sized>(
    state: &S,
    dealer: &Dealer,
    at: Timestamp,
) -> Result<Option<PriceListId>, StateError> {
    let lists: Vec<PriceList> = state.list(Find::PriceLists)?;
    Ok(standard_list(&lists, dealer.id, at).map(|list| list.id))
}

/// The instant whose lists and promotions count.
fn instant(asked: &Asked, context: &Context, usable_at: &impl Fn(PriceListId, Timestamp) -> bool) -> Timestamp {
    let arrived = context.decided_at();
    if asked.policy != PricePolicy::HonourCaptured {
        return arrived;
    }
    let honoured_ms = i64::from(context.policies.honour_hours).saturating_mul(HOUR_MS);
    let is_honoured = |moment: Timestamp| {
        arrived.since_ms(moment) <= honoured_ms && asked.named_lists().all(|list| usable_at(list, moment))
    };
    asked.moments.iter().copied().find(|moment| is_honoured(*moment)).unwrap_or(arrived)
}

/// The lines, each without a list of its own that cannot be used any more. Lines that thereby become the same are
/// added up: an order must not be refused for what the price lists did.
fn lines_on(asked: &Asked, list: PriceListId, is_usable: impl Fn(PriceListId) -> bool) -> Vec<LineRequest> {
    let keeps_lists = asked.lines.iter().filter_map(|line| line.price_list_id).all(&is_usable);
    if keeps_lists && list == asked.price_list_id {
        return asked.lines.clone();
    }
    let mut lines: Vec<LineRequest> = Vec::with_capacity(asked.lines.len());
    let mut places: BTreeMap<(ProductId, Option<PriceListId>), usize> = BTreeMap::new();
    for line in &asked.lines {
        let own_list = line.price_list_id.filter(|own| *own != list && is_usable(*own));
        let place = *places.entry((line.product_id, own_list)).or_insert(lines.len());
        match lines.get_mut(place) {
            Some(known) => known.quantity.0 = known.quantity.0.saturating_add(line.quantity.0),
            None => lines.push(LineRequest { price_list_id: own_list, ..line.clone() }),
        }
    }
    lines
}
