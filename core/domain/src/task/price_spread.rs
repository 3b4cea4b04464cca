//! Shelf prices of one product that are far apart within a county: an alert to supervisors. Only the server sees the
//! whole county, so only it asks.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::{
    catalog::{Product, price_spread_pct},
    checklist::{Answer, AnswerValue},
    ids::{AlertId, OutletId},
    money::Money,
    outlet::{County, Outlet},
    sync::{Context, Find, State, StateError, StateExt, Stop},
    task::{Alert, AlertKind, follow_up::amount},
    time::DAY_MS,
    visit::{SHELF_PRICE_ITEM, sheet::Sheet},
};

/// How far back shelf prices are compared.
const LOOK_BACK_DAYS: i64 = 30;

/// A shelf price and where it was seen.
#[derive(Clone, Copy)]
struct Seen {
    price: Decimal,
    outlet: OutletId,
}

/// The alerts that the prices of this visit give rise to: at most one per county, product and day.
pub(crate) fn price_spread_alerts(state: &dyn State, sheet: &Sheet, context: &Context) -> Result<Vec<Alert>, Stop> {
    let Some(county) = state.get::<County>(sheet.visit.county_id.row())? else { return Ok(Vec::new()) };
    let prices = latest_prices(state, sheet, context)?;
    let mut alerts = Vec::new();
    for question in sheet.questions().iter().filter(|question| question.item.code == SHELF_PRICE_ITEM) {
        let Some(product) = question.product else { continue };
        let seen = prices.get(product.code.as_str()).map_or(&[][..], Vec::as_slice);
        alerts.extend(alert(state, sheet, context, &county, product, seen)?);
    }
    Ok(alerts)
}

/// The latest price of each outlet, by product code.
fn latest_prices(
    state: &dyn State,
    sheet: &Sheet,
    context: &Context,
) -> Result<BTreeMap<String, Vec<Seen>>, StateError> {
    let since = context.captured_at.plus_ms(-LOOK_BACK_DAYS * DAY_MS);
    let mut answers: Vec<Answer> = state.list(Find::ShelfPricesInCounty { county_id: sheet.visit.county_id, since })?;
    answers.sort_by_key(|answer| (std::cmp::Reverse(answer.answered_at), answer.id));
    let mut counted = BTreeSet::new();
    let mut prices: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    for answer in answers {
        if let AnswerValue::Price(price) = answer.value
            && counted.insert((answer.outlet_id, answer.instance.clone()))
        {
            prices.entry(answer.instance).or_default().push(Seen { price, outlet: answer.outlet_id });
        }
    }
    Ok(prices)
}

fn alert(
    state: &dyn State,
    sheet: &Sheet,
    context: &Context,
    county: &County,
    product: &Product,
    seen: &[Seen],
) -> Result<Option<Alert>, Stop> {
    let lowest = seen.iter().min_by_key(|seen| (seen.price, seen.outlet));
    let highest = seen.iter().max_by_key(|seen| (seen.price, std::cmp::Reverse(seen.outlet)));
    let (Some(lowest), Some(highest), Some(suggested)) = (lowest, highest, product.suggested_retail) else {
        return Ok(None);
    };
    let spread = price_spread_pct(lowest.price, highest.price, suggested.major());
    let is_wide = is_wide(lowest.price, highest.price, suggested, context.policies.spread_alert_pct);
    let Some(pct) = spread.filter(|_| is_wide) else { return Ok(None) };

    let name = format!("{}/{}/{}", AlertKind::PriceSpread.as_str(), product.code, sheet.visit.visited_on);
    let id = AlertId::derived(county.id.0, &name);
    let before = state.get::<Alert>(id.row())?;
    let params = BTreeMap::from([
        ("product".to_owned(), product.code.clone()),
        ("county_zh".to_owned(), county.name.zh.clone()),
        ("county_en".to_owned(), county.name.en.clone()),
        ("lowest".to_owned(), amount(product, lowest.price)),
        ("lowest_outlet".to_owned(), outlet_code(state, lowest.outlet)?),
        ("highest".to_owned(), amount(product, highest.price)),
        ("highest_outlet".to_owned(), outlet_code(state, highest.outlet)?),
        ("suggested".to_owned(), suggested.to_string()),
        ("pct".to_owned(), format!("{pct:.1}")),
    ]);
    if before.as_ref().is_some_and(|alert| alert.params == params) {
        return Ok(None);
    }
    Ok(Some(Alert {
        id,
        kind: AlertKind::PriceSpread,
        region_code: county.region_code.clone(),
        county_id: county.id,
        params,
        raised_at: before.map_or_else(|| context.decided_at(), |alert| alert.raised_at),
    }))
}

/// Whether a spread reaches the limit; exact, where the percentage shown is rounded.
fn is_wide(lowest: Decimal, highest: Decimal, suggested: Money, limit_pct: u32) -> bool {
    let spread = highest.saturating_sub(lowest).saturating_mul(Decimal::ONE_HUNDRED);
    spread >= suggested.major().saturating_mul(Decimal::from(limit_pct))
}

fn outlet_code(state: &dyn State, id: OutletId) -> Result<String, StateError> {
    Ok(state.get::<Outlet>(id.row())?.map_or_else(|| id.to_string(), |outlet| outlet.code))
}
