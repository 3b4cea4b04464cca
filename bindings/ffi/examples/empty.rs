//! A library for other languages with nothing in it: what `cargo xtask size` holds the phone core against.

/// The least that makes it one.
#[uniffi::export]
pub fn nothing() -> u32 {
    0
}

uniffi::setup_scaffolding!();
