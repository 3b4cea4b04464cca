//! What an order is priced on: which list, at which instant, with which lines.
//!
//! Under policy A the captured lists stand when all of them were valid at capture and the order arrives within the
//! honoured hours; otherwise, and always under policy B, the moment of arrival counts: a named list that is still
//! valid then stays, another gives way to the dealer's standard list. A phone decides as if the order arrived at once.

use super::{LineRequest, PriceBook, PricePolicy, PricedOrder, PricingRequest, price_order};
use crate::{
    catalog::{PriceList, standard_list},
    dealer::Dealer,
    ids::PriceListId,
    problem::Problem,
    sync::{Context, Find, State, StateError, StateExt, SubmitOrder},
    time::{HOUR_MS, Timestamp},
};

/// The instant an order is credited with: its capture, or its arrival when a clock claims that it came from later.
pub(super) fn placed_at(context: &Context) -> Timestamp {
    context.captured_at.min(context.decided_at())
}

/// Prices a submitted order on the lists that count.
pub(super) fn price_on_arrival(
    state: &dyn State,
    args: &SubmitOrder,
    dealer: &Dealer,
    context: &Context,
) -> Result<Result<PricedOrder, Vec<Problem>>, StateError> {
    let standard = standard_now(state, dealer, context.decided_at())?;
    let candidates: Vec<PriceListId> = standard.into_iter().chain([args.price_list_id]).collect();
    let book = PriceBook::load(state, &args.lines, &candidates)?;
    let usable_at =
        |id: PriceListId, at: Timestamp| book.usable_list(id, dealer.id, dealer.credit_limit.currency, at).is_ok();
    let at = instant(args, context, &usable_at);
    let is_usable = |id: PriceListId| usable_at(id, at);
    let price_list_id = if is_usable(args.price_list_id) { None } else { standard }.unwrap_or(args.price_list_id);
    let lines = lines_on(args, price_list_id, is_usable);
    let currency = dealer.credit_limit.currency;
    Ok(price_order(&PricingRequest { dealer_id: dealer.id, currency, price_list_id, lines: &lines, at }, &book))
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
fn instant(args: &SubmitOrder, context: &Context, usable_at: &impl Fn(PriceListId, Timestamp) -> bool) -> Timestamp {
    let (captured, arrived) = (placed_at(context), context.decided_at());
    let honoured_ms = i64::from(context.policies.honour_hours).saturating_mul(HOUR_MS);
    let mut named = args.lines.iter().filter_map(|line| line.price_list_id).chain([args.price_list_id]);
    let is_honoured = context.policies.price_policy == PricePolicy::HonourCaptured
        && arrived.since_ms(captured) <= honoured_ms
        && named.all(|list| usable_at(list, captured));
    if is_honoured { captured } else { arrived }
}

/// The lines, each without a list of its own that cannot be used any more. Lines that thereby become the same are
/// added up: an order must not be refused for what the price lists did.
fn lines_on(args: &SubmitOrder, list: PriceListId, is_usable: impl Fn(PriceListId) -> bool) -> Vec<LineRequest> {
    let keeps_lists = args.lines.iter().filter_map(|line| line.price_list_id).all(&is_usable);
    if keeps_lists && list == args.price_list_id {
        return args.lines.clone();
    }
    let mut lines: Vec<LineRequest> = Vec::with_capacity(args.lines.len());
    for line in &args.lines {
        let own_list = line.price_list_id.filter(|own| *own != list && is_usable(*own));
        let same =
            lines.iter_mut().find(|known| known.product_id == line.product_id && known.price_list_id == own_list);
        match same {
            Some(known) => known.quantity.0 = known.quantity.0.saturating_add(line.quantity.0),
            None => lines.push(LineRequest { price_list_id: own_list, ..line.clone() }),
        }
    }
    lines
}
