//! The console from the outside: pages and forms through the router.

mod pages;
mod payments;
mod sessions;
mod verdicts;
