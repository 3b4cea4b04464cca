//! `/console/photos`: the photo wall.

mod choice;
pub(super) mod export;
pub(super) mod handler;
mod tile;
mod view;

pub(crate) use choice::{WallChoice, encoded};
pub(crate) use tile::{Tile, photo_state, tile};
pub(crate) use view::{PAGE_SIZE, Pager, WallPage, WallRows, page, pager};
