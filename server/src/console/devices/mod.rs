//! `/console/devices`: how the phones are, those first that need somebody.

mod fault;
pub(super) mod handler;
mod view;

pub(crate) use view::{Background, page};
