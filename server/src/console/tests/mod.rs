//! The console from the outside: pages and forms through the router.

mod conflicts;
mod contrast;
mod dealers;
mod devices;
mod exports;
mod handovers;
mod pages;
mod payments;
mod people;
mod retention;
mod reviews;
mod second_looks;
mod sessions;
mod verdicts;
