//! Products, matched by code.

use storewalk_domain::{
    catalog::Product,
    ids::ProductId,
    money::Money,
    quantity::{PackRule, Quantity},
    sync::Entity,
    text::Localized,
};

use super::{
    super::{
        existing::Existing,
        fault::{Fault, ImportCode},
        fields,
    },
    ImportPlan, id_of,
    reader::{RowReader, Sheet},
};

const NAME_CHARS: usize = 200;

/// More of anything is not sold at once.
const PACK_LIMIT: u32 = 1_000_000;

pub(super) fn plan(sheet: Sheet<'_>, existing: &Existing) -> ImportPlan {
    let mut plan = ImportPlan::default();
    let twice = sheet.twice(&["code"]);
    for mut row in sheet.rows() {
        row.check_once(&["code"], &twice);
        let line = row.line();
        let read = read(&mut row, existing);
        if let (true, Some((was, product))) = (row.finish(&mut plan.faults, &mut plan.warnings), read) {
            let key = product.code.clone();
            plan.settle(line, &key, was, product);
        }
    }
    plan
}

fn read<'e>(row: &mut RowReader<'_>, existing: &'e Existing) -> Option<(Option<&'e Product>, Product)> {
    let code = row.required("code", None, fields::code)?;
    let was = existing.products.get(&code).map_err(|fault| row.fault_in("code", fault)).ok()?;
    let id = was.map_or_else(|| ProductId(id_of("product", &code)), |was| was.id);
    if was.is_none()
        && let Err(fault) = existing.free(id.row(), &code)
    {
        row.fault_in("code", fault);
    }
    let name = name(row, was);
    let gtin = row.optional("gtin", was.map(|was| was.gtin.clone()), None, |cell| fields::gtin(cell).map(Some));
    let is_hero = row.optional("is_hero", was.map(|was| was.is_hero), false, fields::yes_no);
    let pack = pack(row, was);
    let (min_retail, suggested_retail) = retail(row, was);
    let is_active = row.optional("is_active", was.map(|was| was.is_active), true, fields::yes_no);
    let product = Product { id, code, gtin, name: name?, is_hero, pack, min_retail, suggested_retail, is_active };
    debug_assert_eq!(product.row_id(), id.row());
    Some((was, product))
}

/// The name in both languages; one language stands for both when the other is not given.
fn name(row: &mut RowReader<'_>, was: Option<&Product>) -> Option<Localized> {
    let text = |cell: &str| fields::text(cell, NAME_CHARS);
    let both = row.given("name", text);
    let zh = row.given("name_zh", text).or_else(|| both.clone());
    let en = row.given("name_en", text).or(both);
    match (zh, en, was) {
        (Some(zh), Some(en), _) => Some(Localized { zh, en }),
        (Some(zh), None, Some(was)) if !row.has("name_en") => Some(Localized { zh, en: was.name.en.clone() }),
        (None, Some(en), Some(was)) if !row.has("name_zh") => Some(Localized { zh: was.name.zh.clone(), en }),
        (Some(name), None, _) | (None, Some(name), _) => Some(Localized::same(name)),
        (None, None, Some(was)) if !["name", "name_zh", "name_en"].iter().any(|column| row.has(column)) => {
            Some(was.name.clone())
        }
        (None, None, _) => {
            let column = ["name", "name_zh", "name_en"].into_iter().find(|column| row.has(column)).unwrap_or("name");
            row.fault_in(column, Fault::new(ImportCode::ValueMissing));
            None
        }
    }
}

fn pack(row: &mut RowReader<'_>, was: Option<&Product>) -> PackRule {
    let count = |cell: &str| fields::integer(cell, 1, PACK_LIMIT);
    let moq = row.optional("moq", was.map(|was| was.pack.moq), 1, count);
    let multiple = row.optional("multiple", was.map(|was| was.pack.multiple), 1, count);
    let pack = PackRule { moq, multiple };
    let noted = |code| Fault::new(code).with("moq", moq).with("multiple", multiple);
    match pack.at_least(Quantity(0)) {
        Some(Quantity(effective)) if effective != moq => {
            row.warn("moq", noted(ImportCode::MoqNotMultiple).with("effective", effective));
        }
        Some(_) => {}
        None => row.fault_in("moq", noted(ImportCode::PackUnorderable)),
    }
    pack
}

/// Minimum and suggested retail price.
fn retail(row: &mut RowReader<'_>, was: Option<&Product>) -> (Option<Money>, Option<Money>) {
    let known = was.and_then(|was| was.min_retail.or(was.suggested_retail)).map(|price| price.currency);
    let currency = row.optional("currency", Some(known), None, |cell| fields::currency(cell).map(Some));
    let amount = |cell: &str| {
        let currency = currency.ok_or_else(|| Fault::new(ImportCode::CurrencyMissing))?;
        fields::money(cell, currency).map(Some)
    };
    let min = row.optional("min_retail", was.map(|was| was.min_retail), None, amount);
    let suggested = row.optional("suggested_retail", was.map(|was| was.suggested_retail), None, amount);
    if let (Some(min), Some(suggested)) = (min, suggested)
        && min.currency == suggested.currency
        && min.minor > suggested.minor
    {
        row.fault_in("min_retail", Fault::new(ImportCode::RetailOrder));
    }
    (min, suggested)
}
