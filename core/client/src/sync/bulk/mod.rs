//! Rows in bulk: files that are fetched beside the pull and become rows when it is published.
//!
//! **Map.** `files` keeps them in a folder, `fetch` brings them, `apply` reads them into the tables, `parse` turns one
//! line into what a table takes.
//!
//! **Invariants.** A file is used only when its BLAKE3 is its name, looked at again right before use. What has been
//! fetched is never fetched again: not after a kill, not after a broken line, not for another bucket. Memory holds one
//! compressed file and a few hundred rows, whatever the bucket's size. Rows become visible with the publish and not
//! before.

mod apply;
mod fetch;
mod files;
mod parse;
#[cfg(test)]
mod parse_tests;

pub(super) use apply::apply;
pub(super) use fetch::Fetched;
pub(crate) use files::SegmentFiles;
