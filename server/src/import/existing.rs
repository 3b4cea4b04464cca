//! What the database already holds, by the keys people use.

use std::collections::{BTreeMap, BTreeSet};

use storewalk_domain::{
    catalog::{Price, PriceList, Product},
    ids::{CountyId, DealerId, OutletId, PriceListId, ProductId, RowId, TerritoryId},
    outlet::{CallPlan, Outlet},
    sync::{Row, Table},
};

use super::{
    columns::ImportKind,
    fault::{Fault, ImportCode},
};

/// Things by code. A code may turn out to be borne by several.
#[derive(Debug)]
pub struct ByCode<T>(BTreeMap<String, Vec<T>>);

impl<T> Default for ByCode<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> ByCode<T> {
    fn add(&mut self, code: String, thing: T) {
        self.0.entry(code).or_default().push(thing);
    }

    /// The one thing of a code, if there is any.
    ///
    /// # Errors
    /// When several bear the code.
    pub fn get(&self, code: &str) -> Result<Option<&T>, Fault> {
        match self.0.get(code).map_or(&[][..], Vec::as_slice) {
            [] => Ok(None),
            [thing] => Ok(Some(thing)),
            [_, _, ..] => Err(Fault::new(ImportCode::CodeAmbiguous).with("value", code)),
        }
    }

    /// The one thing of a code.
    ///
    /// # Errors
    /// With the code `unknown` when there is none; when several bear the code.
    pub fn require(&self, code: &str, unknown: ImportCode) -> Result<&T, Fault> {
        self.get(code)?.ok_or_else(|| Fault::new(unknown).with("value", code))
    }
}

/// The rows an import is compared with.
#[derive(Debug, Default)]
pub struct Existing {
    /// Counties.
    pub counties: ByCode<CountyId>,
    /// Territories.
    pub territories: ByCode<TerritoryId>,
    /// Dealers.
    pub dealers: ByCode<DealerId>,
    /// Outlets.
    pub outlets: ByCode<Outlet>,
    /// Products.
    pub products: ByCode<Product>,
    /// Price lists.
    pub price_lists: ByCode<PriceList>,
    /// Prices.
    pub prices: BTreeMap<(PriceListId, ProductId), Price>,
    /// Planned calls, by outlet.
    pub call_plans: BTreeMap<OutletId, Vec<CallPlan>>,
    ids: BTreeSet<RowId>,
}

impl Existing {
    /// The tables a kind of import is compared with.
    pub fn tables(kind: ImportKind) -> &'static [Table] {
        match kind {
            ImportKind::Outlets => &[Table::Counties, Table::Territories, Table::Outlets, Table::CallPlans],
            ImportKind::Products => &[Table::Products],
            ImportKind::PriceLists => &[Table::Dealers, Table::Products, Table::PriceLists, Table::Prices],
        }
    }

    /// Sorts rows by their keys; rows of other tables are passed over.
    pub fn of(rows: impl IntoIterator<Item = Row>) -> Self {
        let mut existing = Self::default();
        for row in rows {
            existing.ids.insert(row.id());
            existing.add(row);
        }
        existing
    }

    fn add(&mut self, row: Row) {
        match row {
            Row::County(county) => self.counties.add(county.code, county.id),
            Row::Territory(territory) => self.territories.add(territory.code, territory.id),
            Row::Dealer(dealer) => self.dealers.add(dealer.code, dealer.id),
            Row::Outlet(outlet) => self.outlets.add(outlet.code.clone(), outlet),
            Row::Product(product) => self.products.add(product.code.clone(), product),
            Row::PriceList(list) => self.price_lists.add(list.code.clone(), list),
            Row::Price(price) => {
                self.prices.insert((price.price_list_id, price.product_id), price);
            }
            Row::CallPlan(plan) => self.call_plans.entry(plan.outlet_id).or_default().push(plan),
            _ => {}
        }
    }

    /// Refuses an id that an existing row has under another key: it was imported once and got another code since.
    pub fn free(&self, id: RowId, code: &str) -> Result<(), Fault> {
        if self.ids.contains(&id) {
            return Err(Fault::new(ImportCode::CodeReserved).with("value", code));
        }
        Ok(())
    }
}
