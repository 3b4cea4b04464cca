//! `/console/photos`: the photo wall.

mod choice;
pub(super) mod export;
pub(super) mod handler;
mod stamp;
mod tile;
mod view;

pub(crate) use choice::{WallChoice, encoded};
pub(crate) use handler::{blind_for, outlet_of};
pub(crate) use stamp::stamp_of;
pub(crate) use tile::{NoPicture, Tile, photo_state, tile};
pub(crate) use view::{PAGE_SIZE, Pager, WallPage, WallRows, page, pager};
