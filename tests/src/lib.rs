//! What stands on top of everything else: the demo world, the demo itself, the replay of real orders, the browser.
//!
//! **Map.** `world` is the invented organisation of the product guide as rows; `demo` plays a field day in it through
//! real phone cores against a real server and checks every figure; `replay` turns a wholesaler's real order lines into
//! orders; `simulation` plays seeds of bad weather and looks for what must never happen; `torture` does so with real
//! processes that are killed; `field` is a server and phones for tests from end to end; `figures` measures beside plain
//! SQLite; `fuzz` reads what nobody should have sent; `browser` drives headless Chromium; `contract` is the server that
//! the tests of the bindings talk to, in any language.

pub mod browser;
pub mod contract;
pub mod demo;
pub mod field;
pub mod figures;
pub mod fuzz;
pub mod replay;
pub mod simulation;
pub mod torture;
pub mod world;
