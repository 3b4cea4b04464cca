//! Price lists with their prices, matched by list code and product code.
//!
//! A list that exists is a version people may have ordered on: neither its own fields nor a price on it change. A
//! product that was not on it yet may be added.

use std::collections::BTreeMap;

use storewalk_domain::{
    catalog::{Price, PriceList},
    ids::{DealerId, PriceId, PriceListId, ProductId},
    time::Zone,
};

use super::{
    super::{
        existing::Existing,
        fault::{Fault, ImportCode},
        fields,
    },
    ImportPlan, PlanOptions, id_of,
    reader::{RowReader, Sheet},
};

const KEY: [&str; 2] = ["code", "product"];

/// The columns that describe the list and not the price.
const LIST_COLUMNS: [&str; 5] = ["currency", "valid_from", "valid_until", "dealer", "is_standard"];

/// A list as the first of its rows describes it.
struct Described<'t> {
    list: PriceList,
    line: u32,
    texts: [&'t str; LIST_COLUMNS.len()],
}

pub(super) fn plan(sheet: Sheet<'_>, existing: &Existing, options: PlanOptions) -> ImportPlan {
    let mut plan = ImportPlan::default();
    let twice = sheet.twice(&KEY);
    let mut lists: BTreeMap<String, Described<'_>> = BTreeMap::new();
    for mut row in sheet.rows() {
        row.check_once(&KEY, &twice);
        let line = row.line();
        let read = read(&mut row, existing, options, &mut lists);
        if let (true, Some(price)) = (row.finish(&mut plan.faults, &mut plan.warnings), read) {
            let was = existing.prices.get(&(price.price_list_id, price.product_id));
            plan.settle(line, "", was, price);
        }
    }
    // Lists go first, so that no reader ever meets a price without its list.
    let known = |list: &PriceList| existing.price_lists.get(&list.code).is_ok_and(|was| was.is_some());
    let new = lists.into_values().map(|described| described.list).filter(|list| !known(list));
    plan.rows.splice(0..0, new.map(Into::into));
    plan
}

fn read<'t>(
    row: &mut RowReader<'t>,
    existing: &Existing,
    options: PlanOptions,
    lists: &mut BTreeMap<String, Described<'t>>,
) -> Option<Price> {
    let code = row.required("code", None, fields::code);
    let product_code = row.required("product", None, fields::code);
    let product = product_code.as_deref().and_then(|code| product(row, code, existing));
    let unit_price = row.required("unit_price", None, fields::unit_price);
    let list = code.and_then(|code| list(row, code, existing, options, lists));
    let (list, product_id, unit_price) = (list?, product?, unit_price?);
    let was = existing.prices.get(&(list.id, product_id));
    if let Some(was) = was
        && was.unit_price != unit_price
    {
        let fault = Fault::new(ImportCode::PriceFixed).with("was", was.unit_price.normalize());
        row.fault_in("unit_price", fault.with("product", product_code?).with("list", &list.code));
        return None;
    }
    let derived = || PriceId(id_of("price", &format!("{}\u{1f}{product_id}", list.id)));
    let id = was.map_or_else(derived, |was| was.id);
    if was.is_none()
        && let Err(fault) = existing.free(id.row(), &list.code)
    {
        row.fault_in("product", fault);
    }
    // The price that is there wins over one that is written otherwise (`5.0` for `5`).
    let unit_price = was.map_or(unit_price, |was| was.unit_price);
    Some(Price { id, price_list_id: list.id, dealer_id: list.dealer_id, product_id, unit_price })
}

fn product(row: &mut RowReader<'_>, code: &str, existing: &Existing) -> Option<ProductId> {
    let found = existing.products.require(code, ImportCode::ProductUnknown).map(|product| product.id);
    found.map_err(|fault| row.fault_in("product", fault)).ok()
}

/// The list a row belongs to. Its first row describes it; the others must agree.
fn list<'t>(
    row: &mut RowReader<'t>,
    code: String,
    existing: &Existing,
    options: PlanOptions,
    lists: &mut BTreeMap<String, Described<'t>>,
) -> Option<PriceList> {
    let texts = LIST_COLUMNS.map(|column| row.shown(column));
    if let Some(first) = lists.get(&code) {
        for ((column, was), is) in LIST_COLUMNS.into_iter().zip(first.texts).zip(texts) {
            if was != is {
                let fault = Fault::new(ImportCode::ListDisagrees).with("list", &code).with("was", was);
                row.fault_in(column, fault.with("other", first.line));
            }
        }
        return Some(first.list.clone());
    }
    let was = existing.price_lists.get(&code).map_err(|fault| row.fault_in("code", fault)).ok()?;
    let id = was.map_or_else(|| PriceListId(id_of("price_list", &code)), |was| was.id);
    if was.is_none()
        && let Err(fault) = existing.free(id.row(), &code)
    {
        row.fault_in("code", fault);
    }
    let list = describe(row, id, code, was, existing, options.zone)?;
    if let Some(was) = was {
        check_fixed(row, was, &list, options.zone);
    }
    lists.insert(list.code.clone(), Described { list: list.clone(), line: row.line(), texts });
    Some(list)
}

fn describe(
    row: &mut RowReader<'_>,
    id: PriceListId,
    code: String,
    was: Option<&PriceList>,
    existing: &Existing,
    zone: Zone,
) -> Option<PriceList> {
    let dealer = |cell: &str| -> Result<Option<DealerId>, Fault> {
        existing.dealers.require(cell, ImportCode::DealerUnknown).copied().map(Some)
    };
    let currency = row.required("currency", None, fields::currency);
    let valid_from = row.required("valid_from", None, |cell| fields::instant(cell, zone));
    let until = |cell: &str| fields::instant(cell, zone).map(Some);
    let valid_until = row.optional("valid_until", was.map(|was| was.valid_until), None, until);
    let dealer_id = row.optional("dealer", was.map(|was| was.dealer_id), None, dealer);
    let is_standard = row.optional("is_standard", was.map(|was| was.is_standard), true, fields::yes_no);
    let list =
        PriceList { id, code, currency: currency?, dealer_id, valid_from: valid_from?, valid_until, is_standard };
    if list.valid_until.is_some_and(|until| until <= list.valid_from) {
        row.fault_in("valid_until", Fault::new(ImportCode::DateOrder));
    }
    Some(list)
}

/// Every field of an existing list must be as it is.
fn check_fixed(row: &mut RowReader<'_>, was: &PriceList, is: &PriceList, zone: Zone) {
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let until = was.valid_until.map_or_else(String::new, |until| until.display_in(zone));
    let dealer = was.dealer_id.map_or_else(String::new, |dealer| dealer.to_string());
    let checks = [
        ("currency", was.currency == is.currency, was.currency.code().to_owned()),
        ("valid_from", was.valid_from == is.valid_from, was.valid_from.display_in(zone)),
        ("valid_until", was.valid_until == is.valid_until, until),
        ("dealer", was.dealer_id == is.dealer_id, dealer),
        ("is_standard", was.is_standard == is.is_standard, yes_no(was.is_standard)),
    ];
    for (column, _, value) in checks.into_iter().filter(|(_, is_same, _)| !is_same) {
        let fault = Fault::new(ImportCode::ListFixed).with("list", &was.code).with("was", value);
        row.fault_in(column, fault);
    }
}
