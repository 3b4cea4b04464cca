//! The products a checklist asks about at an outlet.

use crate::{
    catalog::{MustStock, Product},
    outlet::OutletClass,
    sync::{Find, State, StateError, StateExt},
};

/// The products of the must-stock list of an outlet class that are still sold, by code.
///
/// # Errors
/// When the state cannot be read.
pub fn must_stock_of(state: &dyn State, class: OutletClass) -> Result<Vec<Product>, StateError> {
    let mut products = listed_products(state, class)?;
    products.retain(|product| product.is_active);
    Ok(products)
}

/// All products of the list, those no longer sold included.
pub(crate) fn listed_products(state: &dyn State, class: OutletClass) -> Result<Vec<Product>, StateError> {
    let mut products = Vec::new();
    for line in state.list::<MustStock>(Find::MustStockOfClass(class))? {
        products.extend(state.get::<Product>(line.product_id.row())?);
    }
    products.sort_by(|a, b| (&a.code, a.id).cmp(&(&b.code, b.id)));
    products.dedup_by(|a, b| a.id == b.id);
    Ok(products)
}
