//! A phone shows a whole pull or the one before, never a part.

use storewalk_domain::sync::Bucket;

use crate::simulation::{
    evidence::Evidence,
    handset::Handset,
    sight::{Positions, Sight},
};

/// Whether the phone has read exactly as far as some whole answer of the server led.
///
/// # Errors
/// When the phone's database cannot be read.
pub fn shows_whole_pulls(handset: &Handset) -> anyhow::Result<Vec<String>> {
    if !handset.is_whole() {
        return Ok(Vec::new());
    }
    let mut statement = handset.database().prepare_cached("SELECT bucket, epoch, position FROM cursors")?;
    let mut rows = statement.query([])?;
    let mut read = Positions::new();
    while let Some(row) = rows.next()? {
        if let Ok(bucket) = row.get::<_, String>(0)?.parse::<Bucket>() {
            read.insert(bucket, (row.get(1)?, row.get(2)?));
        }
    }
    let may_be_early = handset.link.has_bulk();
    let is_whole = |sight: &mut Sight| sight.is_whole(&read) || (may_be_early && sight.is_whole_or_early(&read));
    if handset.link.sight(is_whole) {
        return Ok(Vec::new());
    }
    Ok(vec![format!("{}: shows a part of a pull, read up to {read:?}", handset.name)])
}
