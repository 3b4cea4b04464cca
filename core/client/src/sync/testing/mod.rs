//! A server in memory and a phone beside it, for the tests of the sync engine.

mod api;
mod fault;
mod host;
mod log;
mod phone;
mod receipts;
mod server;

pub(crate) use fault::{Fault, SegmentFault};
pub(crate) use host::{CountedIds, HandClock};
pub(crate) use phone::{Bench, OUTLET, TERRITORY, host_key, open_in, outlet, rows_of, server_of_one_outlet, task};
pub(crate) use server::FakeServer;
