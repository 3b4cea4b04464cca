//! Products and must-stock lists.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{MustStockId, ProductId},
    money::Money,
    outlet::OutletClass,
    quantity::PackRule,
    text::Localized,
};

/// A product (SKU).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Product {
    /// Identity.
    pub id: ProductId,
    /// Code the organisation knows it by (`P1`); the external key of imports.
    pub code: String,
    /// GS1 Global Trade Item Number, check digit verified; `None` where there is none.
    pub gtin: Option<String>,
    /// Name.
    pub name: Localized,
    /// Whether it is a hero model (主力机型).
    pub is_hero: bool,
    /// How much may be ordered at once.
    pub pack: PackRule,
    /// Minimum retail price; shelf prices below it are a breach.
    pub min_retail: Option<Money>,
    /// Suggested retail price.
    pub suggested_retail: Option<Money>,
    /// Whether it can still be ordered.
    pub is_active: bool,
}

/// A product that must stand in every outlet of a class.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MustStock {
    /// Identity.
    pub id: MustStockId,
    /// The class of outlets.
    pub class: OutletClass,
    /// The product.
    pub product_id: ProductId,
}
