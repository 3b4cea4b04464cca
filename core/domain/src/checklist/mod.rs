//! Checklists: versioned questionnaires whose item codes never change meaning, and the answers to them.

mod answer;
mod check;
#[cfg(test)]
pub(crate) mod fixture;
mod must_stock;
mod question;
mod template;

pub use answer::{Answer, AnswerKey, AnswerValue, LateAnswer};
pub(crate) use check::reason_list;
pub use check::{check_answer, check_late_answer};
pub(crate) use must_stock::listed_products;
pub use must_stock::must_stock_of;
pub use question::{Question, questions};
pub use template::{
    Block, ChecklistTemplate, Choice, Condition, Fulfilment, Item, ItemKind, NumberLimits, Repeat, Requirement,
    ScoreRule, Section,
};
