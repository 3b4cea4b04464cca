//! Who may see what at the console: a supervisor sees the territories of their region.

use storewalk_domain::{
    ids::TerritoryId,
    outlet::Territory,
    sync::{State, StateExt},
};

use super::fault::Trouble;

/// Lets somebody who watches a region see a row of a territory. A row elsewhere is as good as none.
pub(crate) fn require_territory(
    state: &dyn State,
    territory: TerritoryId,
    region: Option<&str>,
) -> Result<(), Trouble> {
    let Some(region) = region else { return Ok(()) };
    let territory: Option<Territory> = state.get(territory.row())?;
    match territory {
        Some(territory) if territory.region_code == region => Ok(()),
        Some(_) | None => Err(Trouble::NotFound),
    }
}
