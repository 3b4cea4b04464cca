//! The console from the outside: pages and forms through the router.

mod conflicts;
mod contrast;
mod handovers;
mod pages;
mod payments;
mod sessions;
mod verdicts;
