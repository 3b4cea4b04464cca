//! The store score and why it is what it is.
//!
//! **Formula.** A block earns `weight × earned ÷ possible`, over the points of its items that apply; the score is
//! `Σ block points ÷ Σ weights of the blocks that apply × 100`. Items answered "not applicable", items that are not
//! asked and prices without a reference leave both sums; so does a block of which nothing applies.
//!
//! **Invariants.** Exact decimals. A quotient is rounded once, at the end of its block, to 2 decimals half away from
//! zero, and the score is made of the rounded figures, so that anybody can add up what is shown.

mod rule;
mod store_score;
#[cfg(test)]
mod tests;

pub use rule::{after_verdict, score};
pub use store_score::{BlockScore, Miss, MissCause, StoreScore};
