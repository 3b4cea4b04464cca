//! Handing an outlet or a territory over: choose, read what will happen, confirm; and what was handed over before.

pub(crate) mod handler;
mod label;
mod list;
mod view;

pub(crate) use label::label_text;
pub(crate) use list::{HandoverLine, lines};
